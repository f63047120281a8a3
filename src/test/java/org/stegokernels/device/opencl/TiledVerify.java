package org.stegokernels.device.opencl;

import org.stegokernels.device.Device;
import org.stegokernels.verify.Verifier;
import org.stegokernels.verify.Verifier.Report;

/** Runs {@code verify} on the first OpenCL device with the kernels of a GPU: {@code scripts/mutants} judges faults in them so. */
public final class TiledVerify {
    private TiledVerify() {}

    /** @param arguments {@code --random N --seed N --only PATTERN}, in this order */
    public static void main(String[] arguments) {
        OpenClRuntime.Found found = OpenClRuntime.get().found().get(0);
        Limits limits = Limits.of(found.device());
        Verifier.Options options = Verifier.Options.DEFAULT
                .withRandom(Integer.parseInt(arguments[1]), Long.parseLong(arguments[3]))
                .withOnly(arguments[5]);
        Report report;
        try (Device device = OpenClDevices.open(found, limits, Tuning.gpu(limits, MatrixTiles.Units.NONE))) {
            report = Verifier.verify(device, options, result -> System.out.println(result.line()));
        }
        System.exit(report.passed() ? 0 : 1);
    }
}
