package org.stegokernels.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.tensor.Tensor;

/** Runs an operation with 1, 2 and 3 threads and holds the results against each other. */
public final class ThreadCounts {
    private ThreadCounts() {}

    /** The float tensor that {@code operation} returns, the same to the bit for all, guard zones untouched. */
    public static float[] floats(Devices.Choice choice, Function<Device, Tensor> operation) {
        float[] first = null;
        for (int threads = 1; threads <= 3; threads++) {
            try (Device device = choice.open(new Device.Options(threads, true))) {
                float[] result = device.floats(operation.apply(device));
                device.checkGuards();
                first = first == null ? result : first;
                assertThat(Arrays.mismatch(result, first))
                        .as("first value that differs with " + threads + " threads")
                        .isEqualTo(-1);
            }
        }
        return first;
    }

    /** As above, for an integer tensor. */
    public static int[] ints(Devices.Choice choice, Function<Device, Tensor> operation) {
        int[] first = null;
        for (int threads = 1; threads <= 3; threads++) {
            try (Device device = choice.open(new Device.Options(threads, true))) {
                int[] result = device.ints(operation.apply(device));
                device.checkGuards();
                first = first == null ? result : first;
                assertThat(Arrays.mismatch(result, first))
                        .as("first value that differs with " + threads + " threads")
                        .isEqualTo(-1);
            }
        }
        return first;
    }

    /** {@code count} values from a normal distribution. */
    public static float[] normal(long seed, int count, double mean, double deviation) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (mean + deviation * random.nextGaussian());
        }
        return values;
    }
}
