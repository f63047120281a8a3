package org.stegokernels.verify;

import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.DeviceProvider;

/** Offers the one program that was named. It is no service: nothing but {@code verify} runs programs. */
record ExecProvider(String command, int timeoutSeconds) implements DeviceProvider {
    static final String PREFIX = "exec:";

    @Override
    public String name() {
        return "exec";
    }

    Device.Info info() {
        return new Device.Info("exec", command, 0);
    }

    @Override
    public List<Device.Info> devices() {
        return List.of(info());
    }

    @Override
    public String absence() {
        return "";
    }

    @Override
    public Device open(Device.Info device, Device.Options options) {
        if (options.precision() != Precision.FP32) {
            throw new DeviceException("device exec: a program computes in fp32. Leave out --precision");
        }
        ExecProcess process = new ExecProcess(command, timeoutSeconds);
        return new ExecDevice(device.id(), process.name(), process);
    }
}
