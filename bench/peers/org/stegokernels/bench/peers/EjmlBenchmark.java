package org.stegokernels.bench.peers;

import java.util.concurrent.TimeUnit;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;
import org.ejml.dense.row.CommonOps_MT_FDRM;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.stegokernels.bench.Synthetic;
import org.stegokernels.bench.roofline.Roofline;

/** The matrix products of {@code LinearBenchmark} by EJML, in one thread and in all. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class EjmlBenchmark {
    /** Rows, inputs, outputs. */
    @Param({"785x384x1152", "785x384x384", "785x384x1536", "785x1536x384", "784x192x384"})
    public String shape;

    private FMatrixRMaj x;
    private FMatrixRMaj weight;
    private FMatrixRMaj out;
    private double flop;

    @Setup
    public void allocate() {
        int[] parts = Synthetic.sizes(shape);
        int rows = parts[0];
        int inputs = parts[1];
        int outputs = parts[2];
        x = matrix(rows, inputs);
        weight = matrix(inputs, outputs);
        out = new FMatrixRMaj(rows, outputs);
        flop = 2.0 * rows * inputs * outputs;
    }

    private static FMatrixRMaj matrix(int rows, int columns) {
        return FMatrixRMaj.wrap(rows, columns, Synthetic.values(rows * columns, 1));
    }

    @Benchmark
    public void oneThread(Roofline roofline) {
        CommonOps_FDRM.mult(x, weight, out);
        roofline.did(flop, 0);
    }

    @Benchmark
    public void allThreads(Roofline roofline) {
        CommonOps_MT_FDRM.mult(x, weight, out);
        roofline.did(flop, 0);
    }
}
