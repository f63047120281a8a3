package org.stegokernels.bench.guard;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code guard}: has any hot path become slower? */
@Command(
        name = "guard",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description = {
            "Measures every hot path as a ratio to the processor's peak of the same seconds, and compares it with the"
                    + " baseline of this kind of machine. Exit code 1 if one is more than 15%% slower.",
            ""
        })
public final class GuardCommand implements Callable<Integer> {
    private static final int UPDATE_FORKS = 7;
    private static final int SPREAD_FORKS = 10;

    @Option(
            names = "--short",
            description = "In a few minutes, on a machine that may be busy: fails only below 60%% of the baseline.")
    private boolean brief;

    @Option(names = "--update", description = "Write what is measured as the new baseline instead.")
    private boolean update;

    @Option(
            names = "--spread",
            description = "Run each path in " + SPREAD_FORKS
                    + " processes instead, and tell how far the best and the worst of"
                    + " them are apart. Exit code 1 if one is more than " + Spread.MOST + " times as fast as another.")
    private boolean spread;

    @Option(
            names = "--baseline",
            paramLabel = "FILE",
            defaultValue = "bench/baseline.json",
            description = "Default: ${DEFAULT-VALUE}.")
    private Path file;

    @Option(
            names = "--paths",
            paramLabel = "REGEX",
            defaultValue = "",
            description = "Only paths in whose names this is found.")
    private Pattern wanted;

    @Option(names = "--device", paramLabel = "NAME", defaultValue = "cpu", description = "Default: ${DEFAULT-VALUE}.")
    private String device;

    @Option(
            names = "--prefix",
            paramLabel = "COMMAND",
            defaultValue = "",
            description = "Put before each fork, for instance a command that waits until no other program computes.")
    private String prefix;

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws IOException {
        List<String> before =
                prefix.isBlank() ? List.of() : List.of(prefix.strip().split("\\s+"));
        Forks forks = brief ? new ProcessForks(before, device, 0.5, 3) : new ProcessForks(before, device, 0.8, 5);
        List<String> paths = HotPaths.all().stream()
                .map(HotPath::name)
                .filter(name -> wanted.matcher(name).find())
                .toList();
        Machine machine = forks.machine();
        out.println(machine);
        if (spread) {
            return spread(forks, paths);
        }
        BaselineFile baselines = BaselineFile.read(file);
        Optional<BaselineFile.Baseline> known = baselines.of(machine);
        if (update) {
            update(new Guard(forks, Limits.FULL).measure(paths, UPDATE_FORKS), baselines, machine);
            return 0;
        }
        if (known.isEmpty()) {
            out.println("Nothing to compare with: " + file + " has no baseline of such a machine. guard --update makes"
                    + " one. There is:");
            baselines.machines().forEach(other -> out.println("  " + other));
            return 0;
        }
        return check(forks, paths, known.get());
    }

    private int spread(Forks forks, List<String> paths) throws IOException {
        Map<String, Spread> spreads = new Guard(forks, Limits.FULL).spread(paths, SPREAD_FORKS);
        GuardTable.print(spreads, out);
        long wide = spreads.values().stream().filter(Spread::wide).count();
        out.println(wide + " of " + spreads.size() + " paths are more than " + Spread.MOST + " apart.");
        if (spreads.values().stream().anyMatch(Spread::busy)) {
            out.println("Others kept the processor busy meanwhile: measure again when it is at peace.");
        }
        return wide == 0 ? 0 : 1;
    }

    private void update(Map<String, Estimate> measured, BaselineFile baselines, Machine machine) throws IOException {
        Map<String, Estimate> all = new LinkedHashMap<>();
        // Paths left out this time keep their old baseline.
        Map<String, Estimate> old =
                baselines.of(machine).map(BaselineFile.Baseline::paths).orElse(Map.of());
        for (HotPath path : HotPaths.all()) {
            Estimate estimate = measured.getOrDefault(path.name(), old.get(path.name()));
            if (estimate != null) {
                all.put(path.name(), estimate);
            }
        }
        String jdk = System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version");
        baselines.update(new BaselineFile.Baseline(machine, jdk, LocalDate.now().toString(), all));
        measured.forEach((path, estimate) ->
                out.printf(Locale.ROOT, "%-40s %9.5f  +- %.1f%%%n", path, estimate.level(), 100 * estimate.spread()));
        out.println("written: " + file);
    }

    private int check(Forks forks, List<String> paths, BaselineFile.Baseline baseline) throws IOException {
        Limits limits = brief ? Limits.SHORT : Limits.FULL;
        Map<String, Estimate> expected = new LinkedHashMap<>(baseline.paths());
        expected.keySet().removeIf(name -> !wanted.matcher(name).find());
        out.println("baseline of " + baseline.date() + ", " + baseline.jdk());
        List<Judgement> judgements = new Guard(forks, limits).check(paths, expected);
        GuardTable.print(judgements, out);
        long failed = judgements.stream().filter(Judgement::failed).count();
        if (failed == 0) {
            out.printf("%d paths hold %.0f%% of their baseline.%n", judgements.size(), 100 * limits.least());
            return 0;
        }
        out.printf(
                "%d of %d paths are below %.0f%% of their baseline.%n",
                failed, judgements.size(), 100 * limits.least());
        if (Judgement.excused(judgements)) {
            out.println("Others kept the processor busy meanwhile: measure again when it is at peace.");
            return brief ? 0 : 1;
        }
        return 1;
    }
}
