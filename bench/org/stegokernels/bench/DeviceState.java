package org.stegokernels.bench;

import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceOptions;
import org.stegokernels.device.Devices;

/** The device under measurement, opened once a fork. */
@State(Scope.Benchmark)
public class DeviceState {
    @Param("cpu")
    public String device;

    Device opened;

    @Setup(Level.Trial)
    public void open() {
        opened = Devices.choose(device).open(DeviceOptions.DEFAULT);
    }

    @TearDown(Level.Trial)
    public void close() {
        opened.close();
    }
}
