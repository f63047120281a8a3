package org.stegokernels.device.tornado.sdk;

import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.DeviceProvider;

/**
 * Offers {@code tornado:0}, {@code tornado:1} ...: every device of every TornadoVM backend. What does so is compiled
 * for a newer Java than the rest, and only where there is an SDK: it is looked up by name, once this virtual machine is
 * known to be able to run it.
 */
public final class TornadoDeviceProvider implements DeviceProvider {
    /** The class that offers the devices. */
    static final String RUNTIME = "org.stegokernels.device.tornado.TornadoRuntime";

    /** Below every other family, so that {@code auto} never starts TornadoVM: it has to be asked for by name. */
    private static final int RANK = 1;

    private static DeviceProvider runtime;
    private static String failure = "";

    @Override
    public String name() {
        return "tornado";
    }

    @Override
    public List<Device.Info> devices() {
        return absenceOfRuntime().isEmpty() ? runtime.devices() : List.of();
    }

    @Override
    public int highestRank() {
        return RANK;
    }

    @Override
    public String absence() {
        String absence = absenceOfRuntime();
        return absence.isEmpty() ? runtime.absence() : absence;
    }

    @Override
    public Device open(Device.Info device, Device.Options options) {
        String absence = absenceOfRuntime();
        if (!absence.isEmpty()) {
            throw new DeviceException.NotFound("device " + device.id() + ": " + absence);
        }
        return runtime.open(device, options);
    }

    /** Returns why TornadoVM doesn't run here; empty if it does, and then {@link #runtime} is there. */
    private static synchronized String absenceOfRuntime() {
        String obstacle = TornadoSdk.obstacle();
        if (!obstacle.isEmpty()) {
            return obstacle;
        }
        if (!TornadoSdk.running()) {
            return "this program was not started for it: --device tornado does that, or java @"
                    + "$TORNADOVM_HOME/tornado-argfile in a program of your own";
        }
        if (runtime == null && failure.isEmpty()) {
            try {
                runtime = (DeviceProvider)
                        Class.forName(RUNTIME).getDeclaredConstructor().newInstance();
            } catch (ReflectiveOperationException | LinkageError e) {
                failure = "TornadoVM can't be started: " + e;
            }
        }
        return failure;
    }
}
