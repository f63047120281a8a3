package org.stegokernels.bench;

import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;

/** The device under measurement, opened once a fork: {@code cpu}, {@code opencl}, {@code tornado}. */
@State(Scope.Benchmark)
public class DeviceState {
    /** Above the CPU kernels' rank come devices with memory of their own. */
    private static final int CPU_RANK = 100;

    @Param("cpu")
    public String device;

    private boolean processor;
    private Device opened;

    @Setup(Level.Trial)
    public void open() {
        Devices.Choice choice = Devices.choose(device);
        processor = choice.info().rank() <= CPU_RANK;
        opened = choice.open(Device.Options.DEFAULT);
    }

    public Device opened() {
        return opened;
    }

    /** Returns whether it computes on this machine's processor. */
    public boolean isProcessor() {
        return processor;
    }

    @TearDown(Level.Trial)
    public void close() {
        opened.close();
    }
}
