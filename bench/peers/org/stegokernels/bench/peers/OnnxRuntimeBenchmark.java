package org.stegokernels.bench.peers;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.stegokernels.bench.Models;
import org.stegokernels.bench.Synthetic;
import org.stegokernels.bench.roofline.Roofline;

/**
 * A vision transformer by ONNX Runtime on all threads, from any ONNX export with one image input {@code [B, 3, H, W]}:
 * {@code -p onnx=vits8_224.onnx -p model=vit-s8}. The model's name says what the operations are counted by.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class OnnxRuntimeBenchmark {
    @Param("")
    public String onnx;

    @Param("vit-s8")
    public String model;

    private OrtSession session;
    private OnnxTensor image;
    private Map<String, OnnxTensor> inputs;
    private double flop;

    @Setup
    public void load() throws OrtException {
        if (onnx.isEmpty()) {
            throw new IllegalArgumentException("which graph? -p onnx=FILE");
        }
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(Runtime.getRuntime().availableProcessors());
        options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
        session = environment.createSession(Path.of(onnx).toString(), options);
        NodeInfo input = session.getInputInfo().values().iterator().next();
        // A dimension that the graph leaves open is one image.
        long[] shape = Arrays.stream(((TensorInfo) input.getInfo()).getShape())
                .map(dim -> Math.max(1, dim))
                .toArray();
        int size = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        image = OnnxTensor.createTensor(environment, FloatBuffer.wrap(Synthetic.values(size, 1)), shape);
        inputs = Map.of(input.getName(), image);
        flop = shape[0] * Models.flop(Models.config(model), (int) shape[2], (int) shape[3]);
    }

    @TearDown
    public void close() throws OrtException {
        image.close();
        session.close();
    }

    @Benchmark
    public void forward(Roofline roofline) throws OrtException {
        session.run(inputs).close();
        roofline.did(flop, 0);
    }
}
