package org.stegokernels.cli;

import java.util.List;
import java.util.Locale;
import org.stegokernels.device.Device.KernelTime;

/**
 * {@code --profile}: time, rate and bandwidth of each kernel, beside the least time of the device in hand and the time to
 * expect on another chip.
 *
 * @param times since the device was opened
 * @param photographs launches and traffic of the photographs alone, without the model's loading
 * @param count how many photographs these were
 * @param device what the device attains; null if it doesn't time its kernels
 * @param assumed another chip; null if none was asked for
 */
record KernelTable(List<KernelTime> times, List<KernelTime> photographs, int count, Roofline device, Roofline assumed) {
    private static final double GIGA = 1e9;
    private static final double MEGA = 1e6;
    private static final double MILLI = 1e-3;

    void print(Console console) {
        if (times.isEmpty()) {
            console.err().println("--profile: this device doesn't time its kernels; opencl devices do");
            return;
        }
        double all = seconds(times);
        line(
                console,
                "%-20s %8s %10s %6s %9s %9s %10s",
                "kernel",
                "calls",
                "time",
                "share",
                "GFLOP/s",
                "GB/s",
                "floor");
        line(console, assumed == null ? "%n" : " %10s%n", assumed == null ? "" : assumed.chip());
        for (KernelTime time : times) {
            line(
                    console,
                    "%-20s %8d %7.1f ms %5.1f%% %9s %9s %10s",
                    time.kernel(),
                    time.calls(),
                    time.seconds() / MILLI,
                    100 * time.seconds() / all,
                    rate(time.flop(), time.seconds()),
                    rate(time.bytes(), time.seconds()),
                    milliseconds(device.floor(time)));
            line(
                    console,
                    assumed == null ? "%n" : " %10s%n",
                    assumed == null ? "" : milliseconds(assumed.expected(time)));
        }
        printPhotographs(console);
    }

    private void printPhotographs(Console console) {
        line(
                console,
                "floor: each operation at the %.1f GFLOP/s of this device's own product of matrices, or each byte once at"
                        + " the %.1f GB/s of its own adding%n",
                device.vectorFlops() / GIGA,
                device.bandwidth() / GIGA);
        if (count == 0) {
            return;
        }
        double bytes = photographs.stream().mapToDouble(KernelTime::bytes).sum();
        double least = photographs.stream().mapToDouble(KernelTime::least).sum();
        line(
                console,
                "a photograph: %d launches, %.2f GFLOP, %.1f MB moved (%.2f times the least), %.1f ms; floor %.1f ms%n",
                photographs.stream().mapToLong(KernelTime::calls).sum() / count,
                photographs.stream().mapToDouble(KernelTime::flop).sum() / count / GIGA,
                bytes / count / MEGA,
                bytes / least,
                seconds(photographs) / count / MILLI,
                photographs.stream().mapToDouble(device::floor).sum() / count / MILLI);
        line(
                console,
                "the least: each operand once, without what row by row work moves, which products, attention and filters"
                        + " could do where they load or store%n");
        if (assumed != null) {
            line(
                    console,
                    "predicted, not measured: %.2f ms a photograph on %s (floor %.2f ms, and %.0f microseconds a launch)%n",
                    photographs.stream().mapToDouble(assumed::expected).sum() / count / MILLI,
                    assumed.chip(),
                    photographs.stream().mapToDouble(assumed::floor).sum() / count / MILLI,
                    1e6 * Roofline.LAUNCH_SECONDS);
        }
    }

    private static double seconds(List<KernelTime> times) {
        return times.stream().mapToDouble(KernelTime::seconds).sum();
    }

    private static void line(Console console, String format, Object... values) {
        console.err().printf(Locale.ROOT, format, values);
    }

    /** Returns a dash where nothing was counted. */
    private static String rate(double amount, double seconds) {
        return amount == 0 || seconds == 0 ? "-" : String.format(Locale.ROOT, "%.1f", amount / seconds / GIGA);
    }

    private static String milliseconds(double seconds) {
        return seconds == 0 ? "-" : String.format(Locale.ROOT, "%.3f ms", seconds / MILLI);
    }
}
