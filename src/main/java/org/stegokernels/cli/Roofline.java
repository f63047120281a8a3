package org.stegokernels.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.KernelTime;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.tensor.Tensor;

/**
 * The least time of a kernel on a chip, and the time to expect: the roofline of Williams, Waterman and Patterson (CACM 52:4,
 * 2009). The numbers of chips are those of the makers' data sheets, without sparsity and at the boost clock.
 *
 * @param chip its name
 * @param vectorFlops f32 operations a second outside matrix units; a multiply-add counts as two
 * @param matrixFlops 16-bit operations a second on matrix units, with f32 sums; 0 if it has none
 * @param tf32Flops TF32 operations a second on matrix units; 0 if it has none
 * @param bandwidth bytes a second between memory and chip
 */
record Roofline(String chip, double vectorFlops, double matrixFlops, double tf32Flops, double bandwidth) {
    private static final double GIGA = 1e9;
    private static final double TERA = 1e12;

    /** Between two kernels of one queue, the second waiting for the first: what is usual for drivers of these chips. */
    static final double LAUNCH_SECONDS = 4e-6;

    private static final List<Roofline> CHIPS = List.of(
            new Roofline("h200", 67 * TERA, 989.5 * TERA, 494.7 * TERA, 4800 * GIGA),
            new Roofline("h100", 67 * TERA, 989.5 * TERA, 494.7 * TERA, 3350 * GIGA),
            new Roofline("a100", 19.5 * TERA, 312 * TERA, 156 * TERA, 2039 * GIGA),
            new Roofline("rtx4090", 82.6 * TERA, 165.2 * TERA, 82.6 * TERA, 1008 * GIGA),
            new Roofline("mi300", 163.4 * TERA, 1307.4 * TERA, 0, 5300 * GIGA));

    /** Ends the names of kernels that compute in 16 bits on matrix units. */
    private static final List<String> ON_MATRIX_UNITS = List.of("_matrix", "_mfma");

    private static final String IN_TF32 = "_tf32";

    /**
     * The share of the peak that a kernel's inner loop can reach by its instructions, as counted from what the makers'
     * compilers write for it (kernels/README.md, "Counted, not measured"); all others are bound by memory.
     */
    private static final Map<String, Double> ATTAINABLE = Map.of(
            "linear", 0.87,
            "product", 0.85,
            "attention", 0.77,
            "linear_matrix", 0.60,
            "linear_tf32", 0.60,
            "attention_matrix", 0.50,
            "attention_tf32", 0.50);

    private static final int SIDE = 1024;
    private static final int ROWS = 16 * SIDE;
    private static final int ROUNDS = 3;

    /** @throws UsageException if there are no numbers for this chip */
    static Roofline of(String chip) {
        return CHIPS.stream()
                .filter(one -> one.chip.equals(chip.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new UsageException("--assume " + chip + ": the chips known are "
                        + CHIPS.stream().map(Roofline::chip).collect(Collectors.joining(", "))));
    }

    /**
     * Measures a device by its own product of matrices and by adding two arrays: what its kernels attain, not what its
     * maker promises.
     */
    static Roofline measured(Device device) {
        try (Tensor x = device.allocate(SIDE, SIDE);
                Tensor y = device.allocate(SIDE, SIDE);
                Tensor out = device.allocate(SIDE, SIDE);
                Tensor from = device.allocate(ROWS, SIDE);
                Tensor to = device.allocate(ROWS, SIDE)) {
            for (Tensor each : List.of(x, y, from, to)) {
                device.training().fill(each, 1);
            }
            double flops = 0;
            double bandwidth = 0;
            for (int round = 0; round < ROUNDS; round++) {
                List<KernelTime> before = device.kernelTimes();
                device.training().linear(x, y, null, Activation.NONE, null, out);
                flops = Math.max(flops, rate(since(before, device.kernelTimes()), true));
                before = device.kernelTimes();
                device.training().addScaled(from, 1, to);
                bandwidth = Math.max(bandwidth, rate(since(before, device.kernelTimes()), false));
            }
            return new Roofline("this device", flops, 0, 0, bandwidth);
        }
    }

    private static double rate(List<KernelTime> times, boolean flop) {
        return times.stream()
                .mapToDouble(time -> (flop ? time.flop() : time.bytes()) / time.seconds())
                .max()
                .orElse(0);
    }

    /** Returns what kernels took between two readings. */
    static List<KernelTime> since(List<KernelTime> before, List<KernelTime> after) {
        Map<String, KernelTime> old = before.stream().collect(Collectors.toMap(KernelTime::kernel, time -> time));
        return after.stream()
                .map(now -> {
                    KernelTime then = old.getOrDefault(now.kernel(), new KernelTime(now.kernel(), 0, 0, 0, 0, 0));
                    return new KernelTime(
                            now.kernel(),
                            now.calls() - then.calls(),
                            now.seconds() - then.seconds(),
                            now.flop() - then.flop(),
                            now.bytes() - then.bytes(),
                            now.least() - then.least());
                })
                .filter(time -> time.calls() > 0)
                .toList();
    }

    /** Returns the seconds below which a kernel can't come on this chip: arithmetic at its peak, or each byte moved once. */
    double floor(KernelTime time) {
        return Math.max(time.flop() / peak(time.kernel()), time.bytes() / bandwidth);
    }

    /** Returns the seconds to expect: arithmetic as its instructions allow, or each byte moved once, and the launches. */
    double expected(KernelTime time) {
        double attainable = peak(time.kernel()) * ATTAINABLE.getOrDefault(time.kernel(), 1.0);
        return Math.max(time.flop() / attainable, time.bytes() / bandwidth) + time.calls() * LAUNCH_SECONDS;
    }

    private double peak(String kernel) {
        boolean matrix = ON_MATRIX_UNITS.stream().anyMatch(kernel::endsWith) && matrixFlops > 0;
        boolean tf32 = kernel.endsWith(IN_TF32) && tf32Flops > 0;
        return matrix ? matrixFlops : tf32 ? tf32Flops : vectorFlops;
    }
}
