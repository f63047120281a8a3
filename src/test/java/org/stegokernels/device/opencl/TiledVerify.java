package org.stegokernels.device.opencl;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.verify.Verifier;
import org.stegokernels.verify.Verifier.Report;

/** Runs {@code verify} on the first OpenCL device with the kernels of a GPU: {@code scripts/mutants} and {@code scripts/oclgrind} call it. */
public final class TiledVerify {
    private TiledVerify() {}

    private static final String PRECISION = "precision=";
    private static final String UNITS = "units=";

    /**
     * @param arguments {@code --random N --seed N --only PATTERN}, in this order; then {@code precision=fp16} or {@code tf32} for
     *     matrix units, emulated, {@code units=AMD_EMULATED} for AMD's; then other sizes: {@code depth=16 ...}
     */
    public static void main(String[] arguments) {
        OpenClRuntime.Found found = OpenClRuntime.get().found().get(0);
        Limits limits = Limits.of(found.device());
        Verifier.Options options = Verifier.Options.DEFAULT
                .withRandom(Integer.parseInt(arguments[1]), Long.parseLong(arguments[3]))
                .withOnly(arguments[5]);
        Precision precision = Precision.FP32;
        MatrixTiles.Units units = MatrixTiles.Units.NVIDIA_EMULATED;
        Map<String, Integer> changes = new HashMap<>();
        for (String change : List.of(arguments).subList(6, arguments.length)) {
            if (change.startsWith(PRECISION)) {
                precision =
                        Precision.valueOf(change.substring(PRECISION.length()).toUpperCase(Locale.ROOT));
            } else if (change.startsWith(UNITS)) {
                units = MatrixTiles.Units.valueOf(change.substring(UNITS.length()));
            } else {
                int end = change.indexOf('=');
                changes.put(change.substring(0, end), Integer.valueOf(change.substring(end + 1)));
            }
        }
        Tuning tuning = Tuning.gpu(limits, precision == Precision.FP32 ? MatrixTiles.Units.NONE : units)
                .with(changes);
        Report report;
        try (Device device = OpenClDevices.open(found, limits, tuning, precision)) {
            report = Verifier.verify(device, options, result -> System.out.println(result.line()));
        }
        System.exit(report.passed() ? 0 : 1);
    }
}
