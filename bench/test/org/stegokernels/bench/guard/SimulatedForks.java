package org.stegokernels.bench.guard;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Measurements with the noise seen on shared virtual machines with two processors: samples scatter by 3%; a tenth are hit
 * by a neighbour of the host, of which the system knows nothing; a fifth, by other programs, which it tells; one fork's
 * code is compiled 2.5% better or worse than another's.
 */
final class SimulatedForks implements Forks {
    private static final int SAMPLES = 5;
    private static final double SAMPLE_SCATTER = 0.03;
    private static final double FORK_SCATTER = 0.025;
    private static final double HIT_UNSEEN = 0.1;
    private static final double HIT_SEEN = 0.2;

    private final Random random;
    /** Speed of slowed paths as a part of the usual: 0.8 is a loss of a fifth. */
    private final Map<String, Double> factors = new HashMap<>();
    /** Part of the forks in which Java compiles a path to code half as fast. */
    private final Map<String, Double> badLuck = new HashMap<>();

    private double others;

    SimulatedForks(long seed) {
        random = new Random(seed);
    }

    void slow(String path, double factor) {
        factors.put(path, factor);
    }

    void compiledBadly(String path, double share) {
        badLuck.put(path, share);
    }

    /** Starts another program that takes half of the processor, all the time. */
    void busy() {
        others = 0.5;
    }

    @Override
    public Machine machine() {
        return new Machine("simulated", 2, 512, 17, "cpu");
    }

    @Override
    public List<Sample> run(Collection<String> paths) {
        List<Sample> samples = new ArrayList<>();
        for (String path : paths) {
            double level = factors.getOrDefault(path, 1.0) * Math.exp(FORK_SCATTER * random.nextGaussian());
            if (random.nextDouble() < badLuck.getOrDefault(path, 0.0)) {
                level /= 2;
            }
            for (int i = 0; i < SAMPLES; i++) {
                samples.add(sample(path, level));
            }
        }
        return samples;
    }

    private Sample sample(String path, double level) {
        double ratio = level * Math.exp(SAMPLE_SCATTER * random.nextGaussian()) * (1 - others);
        double pressure = others;
        if (random.nextDouble() < HIT_UNSEEN) {
            ratio *= 0.4 + 0.6 * random.nextDouble();
        }
        if (random.nextDouble() < HIT_SEEN) {
            pressure = Math.max(pressure, 0.05 + 0.5 * random.nextDouble());
            ratio *= 1 - pressure;
        }
        return new Sample(path, ratio, pressure);
    }
}
