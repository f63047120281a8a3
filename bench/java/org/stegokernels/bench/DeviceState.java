package org.stegokernels.bench;

import java.util.Locale;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.Devices;

/** The device under measurement, opened once a fork: {@code cpu}, {@code opencl}, {@code opencl+fp16}, {@code tornado}. */
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
        String[] parts = device.split("\\+", 2);
        Devices.Choice choice = Devices.choose(parts[0]);
        processor = choice.info().rank() <= CPU_RANK;
        Device.Options options = Device.Options.DEFAULT;
        opened = choice.open(
                parts.length == 1
                        ? options
                        : options.withPrecision(Precision.valueOf(parts[1].toUpperCase(Locale.ROOT))));
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
