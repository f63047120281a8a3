package org.stegokernels.device.opencl;

import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.stegokernels.testing.TestDevices;

/** The OpenCL devices here, for tests of this package; without any the test is skipped with the reason. */
final class OpenClDevices {
    private OpenClDevices() {}

    static List<OpenClRuntime.Found> found() {
        OpenClRuntime runtime = OpenClRuntime.get();
        TestDevices.requireIfAskedFor(OpenClDeviceProvider.NAME, runtime.absence());
        Assumptions.assumeFalse(runtime.found().isEmpty(), runtime.absence());
        return runtime.found();
    }

    static OpenClRuntime.Found first() {
        return found().get(0);
    }
}
