package org.stegokernels.device.opencl;

import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.DeviceProvider;

/** Offers {@code opencl:0}, {@code opencl:1} ...: every device of every OpenCL platform here, GPUs first. */
public final class OpenClDeviceProvider implements DeviceProvider {
    static final String NAME = "opencl";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Device.Info> devices() {
        return OpenClRuntime.get().found().stream()
                .map(OpenClRuntime.Found::info)
                .toList();
    }

    @Override
    public int highestRank() {
        return GpuNodes.here() ? OpenClRuntime.GPU_RANK : OpenClRuntime.OTHER_RANK;
    }

    @Override
    public String absence() {
        return OpenClRuntime.get().absence();
    }

    @Override
    public Device open(Device.Info device, Device.Options options) {
        if (options.precision() == Precision.FAST) {
            throw new DeviceException("device " + device.id()
                    + " computes in fp32, fp16 or tf32. Leave out --precision, or choose another device with --device");
        }
        OpenClRuntime.Found found = OpenClRuntime.get().find(device.id());
        Limits limits = Limits.of(found.device());
        return new OpenClDevice(found, limits, TuningFile.load(limits), options);
    }
}
