package org.stegokernels.device.cpu;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.DeviceProvider;

/** Offers {@code cpu}, the best form of the CPU kernels, and {@code cpu:scalar}, the form without the Vector API. */
public final class CpuDeviceProvider implements DeviceProvider {
    private static final String SCALAR = "cpu:scalar";
    private static final int RANK = 100;
    private static final System.Logger LOG = System.getLogger(CpuDeviceProvider.class.getName());
    private static final AtomicBoolean TOLD = new AtomicBoolean();

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public List<Device.Info> devices() {
        return List.of(
                new Device.Info("cpu", Lanes.best().description(), RANK),
                new Device.Info(SCALAR, "plain Java, for comparison", 0));
    }

    @Override
    public int highestRank() {
        return RANK;
    }

    @Override
    public String absence() {
        return "";
    }

    @Override
    public Device open(Device.Info device, Device.Options options) {
        if (options.precision() != Precision.FP32) {
            throw new DeviceException("device " + device.id()
                    + " computes in fp32 only. Leave out --precision, or choose" + " another device with --device");
        }
        boolean scalar = device.id().equals(SCALAR);
        Lanes lanes = scalar ? Lanes.scalar(device.description()) : Lanes.best();
        if (!scalar && !lanes.isVector() && TOLD.compareAndSet(false, true)) {
            LOG.log(System.Logger.Level.WARNING, "computing in {0}", lanes.description());
        }
        return new CpuDevice(device.id(), lanes, options);
    }
}
