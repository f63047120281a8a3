package org.stegokernels.device.tornado;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.DeviceProvider;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.exceptions.TornadoInternalError;

/**
 * Finds TornadoVM's devices, GPUs first, and opens them. Made by {@code sdk.TornadoDeviceProvider}, once, where TornadoVM
 * can run.
 */
public final class TornadoRuntime implements DeviceProvider {
    private static final String NAME = "tornado";
    private static final int RANK = 1;
    /** The largest group of any kernel. */
    private static final int GROUP = 256;

    /**
     * Settings that TornadoVM reads once, when it starts. A kernel that can't be compiled is an error, not a reason to run
     * it as sequential Java, which gives wrong numbers. Multiplications and additions are joined by the device's compiler,
     * if at all, not by TornadoVM. Memory is limited by the device, not by a number. Lists of events, which each graph
     * keeps, are short.
     */
    private static final Map<String, String> SETTINGS = Map.of(
            "tornado.recover.bailout", "False",
            "tornado.enable.fma", "False",
            "tornado.enable.fastMathOptimizations", "False",
            "tornado.device.memory", String.valueOf(Long.MAX_VALUE / 2),
            "tornado.max.events", "64");

    private final List<Found> found = new ArrayList<>();
    private final String absence;

    /** A device, and what was opened on it, for each precision. */
    private record Found(Device.Info info, TornadoDevice device, Map<Precision, Machine> machines) {}

    public TornadoRuntime() {
        SETTINGS.forEach((name, value) -> System.setProperty(name, System.getProperty(name, value)));
        absence = find();
    }

    private String find() {
        try {
            List<TornadoDevice> devices = TornadoExecutionPlan.getTornadoDeviceMap().getAllBackends().stream()
                    .flatMap(backend -> backend.getAllDevices().stream())
                    .sorted(Comparator.comparing(device -> device.getDeviceType() != TornadoDeviceType.GPU))
                    .toList();
            for (TornadoDevice device : devices) {
                String description = device.getPhysicalDevice().getDeviceName().strip() + ", by TornadoVM's "
                        + device.getTornadoVMBackend() + " backend";
                Device.Info info = new Device.Info(NAME + ":" + found.size(), description, RANK);
                found.add(new Found(info, device, new EnumMap<>(Precision.class)));
            }
            return found.isEmpty() ? "TornadoVM finds no device: install the driver that its backend needs" : "";
        } catch (RuntimeException | TornadoInternalError | LinkageError e) {
            return "TornadoVM could not be started: " + e;
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Device.Info> devices() {
        return found.stream().map(Found::info).toList();
    }

    @Override
    public String absence() {
        return absence;
    }

    @Override
    public Device open(Device.Info info, Device.Options options) {
        Found chosen = found.stream()
                .filter(one -> one.info().id().equals(info.id()))
                .findFirst()
                .orElseThrow(() -> new DeviceException.NotFound("no TornadoVM device " + info.id()));
        if (options.precision() == Precision.FP16 || options.precision() == Precision.TF32) {
            throw new DeviceException("device " + info.id()
                    + " computes in fp32 or fast. Leave out --precision, or choose another device with --device");
        }
        long largestGroup = chosen.device().getPhysicalDevice().getDeviceMaxWorkGroupSize()[0];
        if (largestGroup < GROUP) {
            throw new DeviceException("device " + info.id() + " has work groups of up to " + largestGroup
                    + " items, and the kernels need " + GROUP);
        }
        return new org.stegokernels.device.tornado.TornadoDevice(
                info.id(), info.description(), machine(chosen, options.precision()), options);
    }

    private static synchronized Machine machine(Found chosen, Precision precision) {
        return chosen.machines()
                .computeIfAbsent(
                        precision,
                        each -> new Machine(chosen.device(), chosen.info().id(), each == Precision.FAST));
    }
}
