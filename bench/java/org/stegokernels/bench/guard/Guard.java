package org.stegokernels.bench.guard;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.stegokernels.bench.roofline.Pressure;

/**
 * Measures paths until it is clear which of them hold their baseline. Every path is measured in some forks; those whose
 * interval is not wholly above the limit, in further ones: a failure needs the most evidence.
 */
final class Guard {
    /** Fewer samples in peace than this, and the rest count too. */
    private static final int PEACEFUL_SAMPLES = 2;

    private final Forks forks;
    private final Limits limits;
    private final Map<String, List<double[]>> samples = new LinkedHashMap<>();
    private final Map<String, Integer> busyForks = new LinkedHashMap<>();

    Guard(Forks forks, Limits limits) {
        this.forks = forks;
        this.limits = limits;
    }

    /** Measures all paths in so many forks. */
    Map<String, Estimate> measure(Collection<String> paths, int count) throws IOException {
        run(paths, count);
        Map<String, Estimate> estimates = new LinkedHashMap<>();
        samples.forEach((path, forksOfPath) -> estimates.put(path, Estimate.of(forksOfPath)));
        return estimates;
    }

    /** Measures how far the best and the worst of so many forks are apart, for each path. */
    Map<String, Spread> spread(Collection<String> paths, int count) throws IOException {
        run(paths, count);
        Map<String, Spread> spreads = new LinkedHashMap<>();
        samples.forEach((path, forksOfPath) -> spreads.put(path, Spread.of(forksOfPath, isBusy(path))));
        return spreads;
    }

    private void run(Collection<String> paths, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            fork(paths);
        }
    }

    private boolean isBusy(String path) {
        return 2 * busyForks.get(path) > samples.get(path).size();
    }

    /**
     * Compares paths with their baselines.
     *
     * @param paths that the guard has
     * @param baselines by path
     */
    List<Judgement> check(Collection<String> paths, Map<String, Estimate> baselines) throws IOException {
        measure(paths, limits.forks());
        for (int i = limits.forks(); i < limits.mostForks(); i++) {
            List<String> doubtful = paths.stream()
                    .filter(baselines::containsKey)
                    .filter(path -> isDoubtful(path, baselines.get(path)))
                    .toList();
            if (doubtful.isEmpty()) {
                break;
            }
            fork(doubtful);
        }
        Stream<Judgement> missing = baselines.keySet().stream()
                .filter(path -> !paths.contains(path))
                .map(path -> new Judgement(path, baselines.get(path), null, 0, false, Judgement.Verdict.MISSING));
        return Stream.concat(paths.stream().map(path -> judge(path, baselines.get(path))), missing)
                .toList();
    }

    private void fork(Collection<String> paths) throws IOException {
        Map<String, List<Sample>> byPath = new LinkedHashMap<>();
        for (Sample sample : forks.run(paths)) {
            byPath.computeIfAbsent(sample.path(), path -> new ArrayList<>()).add(sample);
        }
        byPath.forEach((path, all) -> {
            List<Sample> peaceful = all.stream()
                    .filter(sample -> sample.pressure() <= Pressure.BUSY)
                    .toList();
            boolean busy = peaceful.size() < PEACEFUL_SAMPLES;
            List<Sample> chosen = busy ? all : peaceful;
            samples.computeIfAbsent(path, name -> new ArrayList<>())
                    .add(chosen.stream().mapToDouble(Sample::ratio).toArray());
            busyForks.merge(path, busy ? 1 : 0, Integer::sum);
        });
    }

    private boolean isDoubtful(String path, Estimate baseline) {
        Estimate now = Estimate.of(samples.get(path));
        return now.low() < limits.least() * baseline.level();
    }

    private Judgement judge(String path, Estimate baseline) {
        List<double[]> measured = samples.get(path);
        Estimate now = Estimate.of(measured);
        return new Judgement(path, baseline, now, measured.size(), isBusy(path), verdict(now, baseline));
    }

    private Judgement.Verdict verdict(Estimate now, Estimate baseline) {
        if (baseline == null) {
            return Judgement.Verdict.NEW;
        }
        if (now.level() < limits.least() * baseline.level()) {
            return Judgement.Verdict.DROPPED;
        }
        boolean faster = now.low() * limits.least() > baseline.level();
        return faster ? Judgement.Verdict.FASTER : Judgement.Verdict.HELD;
    }
}
