package org.stegokernels.device.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Tensor;

/** Each kernel's calls, operations and bytes are counted, more calls than events are held at a time. */
class ProfilerTest {
    private static final int ROWS = 5;
    private static final int INPUTS = 7;
    private static final int OUTPUTS = 3;
    private static final int LAYERS = 1030;

    private static List<KernelTime> times(boolean profile) {
        OpenClRuntime.Found found = OpenClDevices.first();
        Limits limits = Limits.of(found.device());
        try (Device device =
                new OpenClDevice(found, limits, Tuning.of(limits), Device.Options.DEFAULT.withProfile(profile))) {
            Tensor x = device.allocate(ROWS, INPUTS);
            Tensor out = device.allocate(ROWS, OUTPUTS);
            LinearWeights weights = device.kernels().packLinear(device.allocate(OUTPUTS, INPUTS), null);
            for (int i = 0; i < LAYERS; i++) {
                device.kernels().linear(x, weights, Activation.NONE, null, out);
            }
            device.kernels().gelu(out, out);
            return device.kernelTimes();
        }
    }

    private static KernelTime of(List<KernelTime> times, String kernel) {
        return times.stream()
                .filter(time -> time.kernel().equals(kernel))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void everyCallIsCounted() {
        List<KernelTime> times = times(true);
        KernelTime linear = of(times, "linear");
        assertThat(linear.calls()).isEqualTo(LAYERS);
        assertThat(linear.flop()).isEqualTo(2.0 * LAYERS * ROWS * INPUTS * OUTPUTS);
        assertThat(linear.bytes()).isGreaterThanOrEqualTo(4.0 * LAYERS * ROWS * (INPUTS + OUTPUTS));
        assertThat(of(times, "gelu").calls()).isEqualTo(1);
        assertThat(times).allMatch(time -> time.seconds() >= 0);
        assertThat(times)
                .isSortedAccordingTo(
                        Comparator.comparingDouble(KernelTime::seconds).reversed());
    }

    @Test
    void nothingIsCountedUnasked() {
        assertThat(times(false)).isEmpty();
    }
}
