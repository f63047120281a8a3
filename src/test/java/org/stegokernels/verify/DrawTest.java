package org.stegokernels.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.device.Device;

class DrawTest {
    private static final int ROUNDS = 20;
    /** The longest range of which each number must come up. */
    private static final int FEW = 3;

    /** Values that were drawn, and how many there are to draw, by the line that asks. */
    private final Map<String, Set<Object>> drawn = new LinkedHashMap<>();

    /** Those of a place are several where they hang on what was drawn before. */
    private final Map<String, Set<Integer>> possible = new LinkedHashMap<>();

    /** All that a trial draws before it takes memory is drawn by then. */
    private static final class EnoughException extends RuntimeException {}

    /** A device that has no memory at all. */
    private static Device withoutMemory() {
        return (Device) Proxy.newProxyInstance(
                Device.class.getClassLoader(), new Class<?>[] {Device.class}, (proxy, method, arguments) -> {
                    throw new EnoughException();
                });
    }

    private final class Recorder extends Draw {
        Recorder(long seed, String operation, int round) {
            super(seed, operation, round);
        }

        /** Records what a trial asks for, not what a draw asks of itself. */
        private <T> T record(int values, T value) {
            StackWalker.StackFrame line = StackWalker.getInstance()
                    .walk(frames -> frames.skip(2).findFirst())
                    .orElseThrow();
            if (!line.getClassName().equals(Draw.class.getName())) {
                String place = line.getFileName() + ":" + line.getLineNumber() + "@" + line.getByteCodeIndex();
                drawn.computeIfAbsent(place, key -> new LinkedHashSet<>()).add(value);
                possible.computeIfAbsent(place, key -> new LinkedHashSet<>()).add(values);
            }
            return value;
        }

        @Override
        boolean coin() {
            return record(2, super.coin());
        }

        @Override
        int between(int first, int last) {
            return record(last - first + 1, super.between(first, last));
        }

        @Override
        <T> T oneOf(T[] values) {
            return record(values.length, super.oneOf(values));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
    void everyCoinAndChoiceTakesAllItsValuesInTwentyRounds(long seed) {
        RandomChecks.trials().forEach((operation, trial) -> {
            for (int round = 0; round < ROUNDS; round++) {
                Recorder draw = new Recorder(seed, operation, round);
                assertThatExceptionOfType(EnoughException.class)
                        .as(operation)
                        .isThrownBy(() -> CheckScope.run(withoutMemory(), scope -> trial.run(scope, draw)));
            }
        });
        drawn.keySet()
                .removeIf(place -> !possible.get(place).stream().allMatch(values -> values <= FEW)
                        || possible.get(place).size() > 1);
        assertThat(drawn).hasSizeGreaterThanOrEqualTo(35);
        drawn.forEach(
                (place, values) -> assertThat(possible.get(place)).as(place).containsExactly(values.size()));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 7})
    void equalSeedsDrawTheSame(long seed) {
        List<Draw> two = List.of(new Draw(seed, "softmax", 3), new Draw(seed, "softmax", 3));
        assertThat(two.get(0).normal(5)).isEqualTo(two.get(1).normal(5));
        assertThat(new Draw(seed, "softmax", 4).normal(5))
                .isNotEqualTo(two.get(0).normal(5));
    }
}
