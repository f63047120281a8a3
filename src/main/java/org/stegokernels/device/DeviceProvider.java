package org.stegokernels.device;

import java.util.List;

/**
 * The door through which a family of devices joins, found by {@link java.util.ServiceLoader}. A provider is asked for
 * its devices before anything is opened, so {@link #devices()} must be cheap and must not throw where the runtime it
 * needs is missing: it returns an empty list then, and {@link #absence()} says why.
 */
public interface DeviceProvider {
    /** Returns the family's name: the part of a device id before the colon. */
    String name();

    /** Returns the devices that can be opened here and now, best first. The first answers to the bare family name. */
    List<Device.Info> devices();

    /**
     * Returns a rank that no device of this family exceeds here, told without a driver: {@code auto} doesn't ask for the devices
     * of a family that can't win.
     */
    default int highestRank() {
        return Integer.MAX_VALUE;
    }

    /** Says why {@link #devices()} is empty and what to do about it; empty text if it is not. */
    String absence();

    /**
     * Opens a device for one thread at a time; {@link Devices.Choice#open} makes it safe for several.
     *
     * @throws DeviceException if the device does not exist or can't be opened
     */
    Device open(Device.Info device, Device.Options options);
}
