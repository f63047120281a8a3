package org.stegokernels.device.opencl;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.verify.Verifier;
import org.stegokernels.verify.Verifier.Report;

/** Runs {@code verify} on the first OpenCL device with the kernels of a GPU: {@code scripts/mutants} judges faults in them so. */
public final class TiledVerify {
    private TiledVerify() {}

    /** @param arguments {@code --random N --seed N --only PATTERN}, in this order, then other sizes: {@code depth=16 ...} */
    public static void main(String[] arguments) {
        OpenClRuntime.Found found = OpenClRuntime.get().found().get(0);
        Limits limits = Limits.of(found.device());
        Verifier.Options options = Verifier.Options.DEFAULT
                .withRandom(Integer.parseInt(arguments[1]), Long.parseLong(arguments[3]))
                .withOnly(arguments[5]);
        Tuning tuning = Tuning.gpu(limits, MatrixTiles.Units.NONE);
        Map<String, Integer> changes = new HashMap<>();
        for (String size : List.of(arguments).subList(6, arguments.length)) {
            int end = size.indexOf('=');
            changes.put(size.substring(0, end), Integer.valueOf(size.substring(end + 1)));
        }
        Report report;
        try (Device device = OpenClDevices.open(found, limits, tuning.with(changes))) {
            report = Verifier.verify(device, options, result -> System.out.println(result.line()));
        }
        System.exit(report.passed() ? 0 : 1);
    }
}
