package org.stegokernels.device.opencl;

import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.DeviceProvider;
import org.stegokernels.device.Devices;
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

    /** Opens a device with guards and kernels cut in a given way. */
    static Device open(OpenClRuntime.Found found, Limits limits, Tuning tuning) {
        return open(found, limits, tuning, Precision.FP32);
    }

    /** As the other, in a precision. */
    static Device open(OpenClRuntime.Found found, Limits limits, Tuning tuning, Precision precision) {
        DeviceProvider provider = new DeviceProvider() {
            @Override
            public String name() {
                return found.info().id();
            }

            @Override
            public List<Device.Info> devices() {
                return List.of();
            }

            @Override
            public String absence() {
                return "";
            }

            @Override
            public Device open(Device.Info device, Device.Options options) {
                return new OpenClDevice(found, limits, tuning, options);
            }
        };
        return new Devices.Choice(provider, found.info(), "")
                .open(new Device.Options(0, true).withPrecision(precision));
    }
}
