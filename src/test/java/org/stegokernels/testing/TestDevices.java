package org.stegokernels.testing;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.DeviceProvider;
import org.stegokernels.device.Devices;

/**
 * Every device found here, for tests that run once for each. A family with no device is skipped with the reason printed,
 * or fails if {@code -Dstego.require} names it ({@code -Dstego.require=opencl}).
 */
public final class TestDevices {
    private static final Set<String> REPORTED = ConcurrentHashMap.newKeySet();

    private TestDevices() {}

    /** Returns each device, named by its id, for {@code @MethodSource}. */
    public static Stream<Named<Devices.Choice>> all() {
        List<DeviceProvider> providers = Devices.providers();
        providers.stream()
                .filter(provider -> provider.devices().isEmpty())
                .forEach(provider -> requireIfAskedFor(provider.name(), provider.absence()));
        return providers.stream()
                .flatMap(provider -> provider.devices().stream())
                .map(device -> Named.of(device.id(), Devices.choose(device.id())));
    }

    /** Returns each device that can train, for {@code @MethodSource}; why another can't is printed. */
    public static Stream<Named<Devices.Choice>> training() {
        return all().filter(named -> canTrain(named.getPayload()));
    }

    /** Returns whether the device offers the training operations; why not is printed. */
    public static boolean canTrain(Devices.Choice choice) {
        try (Device device = open(choice)) {
            device.training();
            return true;
        } catch (DeviceException e) {
            System.out.println("skipped: " + e.getMessage());
            return false;
        }
    }

    /**
     * @param absence why there is no device of this family; empty if there is
     * @throws AssertionError if there is none, but the run requires it
     */
    public static void requireIfAskedFor(String family, String absence) {
        if (absence.isEmpty()) {
            return;
        }
        if (isAskedFor(family)) {
            throw new AssertionError("-Dstego.require asks for " + family + ", but " + absence);
        }
        if (REPORTED.add(family)) {
            System.out.println("tests on " + family + " are skipped: " + absence);
        }
    }

    /** Returns whether {@code -Dstego.require} names something. */
    public static boolean isAskedFor(String name) {
        return List.of(System.getProperty("stego.require", "").split(",")).contains(name);
    }

    /** Opens a device with guard zones. */
    public static Device open(Devices.Choice choice) {
        return choice.open(new Device.Options(0, true));
    }
}
