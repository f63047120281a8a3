package org.stegokernels.device.tornado;

import org.junit.jupiter.api.Assumptions;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceProvider;
import org.stegokernels.device.Devices;
import org.stegokernels.testing.TestDevices;

/** The first TornadoVM device here, for tests of this package; without any the test is skipped with the reason. */
final class TornadoDevices {
    private static final String NAME = "tornado";

    private TornadoDevices() {}

    static TornadoDevice open(Device.Options options) {
        DeviceProvider provider = Devices.providers().stream()
                .filter(each -> each.name().equals(NAME))
                .findFirst()
                .orElseThrow();
        String absence = provider.absence();
        TestDevices.requireIfAskedFor(NAME, absence);
        Assumptions.assumeTrue(absence.isEmpty(), absence);
        Devices.Choice choice = Devices.choose(NAME);
        return (TornadoDevice) choice.provider().open(choice.info(), options);
    }
}
