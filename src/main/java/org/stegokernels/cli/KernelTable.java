package org.stegokernels.cli;

import java.util.List;
import java.util.Locale;
import org.stegokernels.device.Device.KernelTime;

/** {@code --profile}: time, rate and bandwidth of each kernel. */
final class KernelTable {
    private static final double GIGA = 1e9;

    private KernelTable() {}

    static void print(List<KernelTime> times, Console console) {
        if (times.isEmpty()) {
            console.err().println("--profile: this device doesn't time its kernels; opencl devices do");
            return;
        }
        double all = times.stream().mapToDouble(KernelTime::seconds).sum();
        console.err()
                .printf(
                        Locale.ROOT,
                        "%-20s %8s %10s %6s %9s %9s%n",
                        "kernel",
                        "calls",
                        "time",
                        "share",
                        "GFLOP/s",
                        "GB/s");
        for (KernelTime time : times) {
            console.err()
                    .printf(
                            Locale.ROOT,
                            "%-20s %8d %7.1f ms %5.1f%% %9s %9s%n",
                            time.kernel(),
                            time.calls(),
                            time.seconds() * 1e3,
                            100 * time.seconds() / all,
                            rate(time.flop(), time.seconds()),
                            rate(time.bytes(), time.seconds()));
        }
    }

    /** Returns a dash where nothing was counted. */
    private static String rate(double amount, double seconds) {
        return amount == 0 || seconds == 0 ? "-" : String.format(Locale.ROOT, "%.1f", amount / seconds / GIGA);
    }
}
