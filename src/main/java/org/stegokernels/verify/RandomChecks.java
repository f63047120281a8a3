package org.stegokernels.verify;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;

/** Rounds of random shapes for every operation; one check an operation, which ends at its first failure. */
final class RandomChecks {
    private static final List<Map<String, Trial>> TRIALS = List.of(
            RandomLinear.trials(),
            RandomAttention.trials(),
            RandomRows.trials(),
            RandomResample.trials(),
            RandomLattice.trials());
    private static final List<Map<String, Trial>> TRAINING =
            List.of(RandomTraining.trials(), RandomSampling.trials(), RandomLosses.trials(), RandomNeighbors.trials());

    /** Begins the names of these checks; the operation's name follows. */
    static final String PREFIX = "random/";

    /** So many rounds are run twice, to compare the bits. */
    private static final int TWICE = 3;

    private RandomChecks() {}

    /** Returns the trials of all operations by their names. */
    static Map<String, Trial> trials() {
        Map<String, Trial> all = new LinkedHashMap<>();
        Stream.concat(TRIALS.stream(), TRAINING.stream()).forEach(all::putAll);
        return all;
    }

    /** Checks every operation {@code rounds} times. */
    static void run(int rounds, long seed, Checks checks) {
        if (rounds > 0) {
            TRIALS.forEach(family -> family.forEach((operation, trial) -> checks.checkRounds(
                    PREFIX + operation, device -> rounds(checks, device, operation, trial, rounds, seed))));
            TRAINING.forEach(family -> family.forEach((operation, trial) -> checks.checkTrainingRounds(
                    PREFIX + operation, device -> rounds(checks, device, operation, trial, rounds, seed))));
        }
    }

    private static Comparison rounds(
            Checks checks, Device device, String operation, Trial trial, int rounds, long seed) {
        Comparison worst = null;
        for (int round = 0; round < rounds; round++) {
            Draw[] draws = {null};
            int number = round;
            Supplier<Checks.Body> body = () -> {
                Draw draw = new Draw(seed, operation, number);
                draws[0] = draw;
                return scope -> trial.run(scope, draw);
            };
            Comparison comparison;
            try {
                comparison = checks.run(device, body, round < TWICE);
            } catch (UnsupportedOperationException e) {
                throw e;
            } catch (Exception e) {
                throw new DeviceException(where(seed, round, draws[0]) + e, e);
            }
            if (!comparison.passed()) {
                return comparison.prefixed(where(seed, round, draws[0]));
            }
            if (worst == null || comparison.error() > worst.error()) {
                worst = comparison;
            }
        }
        return worst.prefixed(rounds + (rounds == 1 ? " round" : " rounds") + " from seed " + seed);
    }

    private static String where(long seed, int round, Draw draw) {
        return "seed " + seed + ", round " + round + ", " + draw + ": ";
    }

    /** Draws inputs for one operation, computes it on the device and by the oracle, and compares. */
    @FunctionalInterface
    interface Trial {
        Comparison run(CheckScope scope, Draw draw) throws Exception;
    }
}
