package org.stegokernels.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.stegokernels.stego.Stego;

/**
 * The demo model, whole, in a new process: nothing of the way of a load is compiled yet, nor are its classes loaded. The
 * device is open already. {@link SafetensorsBenchmark} has the warm loads.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
@Fork(
        value = 15,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseSerialGC"})
public class DemoLoadBenchmark {
    private Stego model;

    @Benchmark
    public void load(DeviceState device) {
        model = Stego.demo(device.opened());
        device.opened().finish();
    }

    @TearDown
    public void close() {
        model.close();
    }
}
