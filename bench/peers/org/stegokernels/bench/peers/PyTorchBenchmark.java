package org.stegokernels.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import java.util.HashMap;
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
import org.stegokernels.vit.Architecture;

/** The vision transformer by PyTorch's native operations, through DJL, one image, on all threads. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(
        value = 2,
        jvmArgsAppend = {
            "--add-modules=jdk.incubator.vector",
            "-Dai.djl.offline=true",
            "-Dai.djl.default_engine=PyTorch"
        })
public class PyTorchBenchmark {
    @Param("vit-s8")
    public String model;

    @Param({"224", "320"})
    public int size;

    private final Map<String, NDArray> weights = new HashMap<>();
    private NDManager manager;
    private Architecture config;
    private NDArray image;
    private NDArray positions;
    private double flop;

    @Setup
    public void load() {
        manager = NDManager.newBaseManager();
        config = Models.config(model);
        config.tensors().forEach((name, shape) -> {
            NDArray array = array(shape.dims());
            weights.put(name, array);
        });
        int tokens = 1 + (size / config.patch()) * (size / config.patch());
        positions = array(1, tokens, config.width());
        image = array(1, 3, size, size);
        flop = Models.flop(config, size, size);
    }

    private NDArray array(int... dims) {
        int count = 1;
        long[] shape = new long[dims.length];
        for (int i = 0; i < dims.length; i++) {
            count *= dims[i];
            shape[i] = dims[i];
        }
        return manager.create(Synthetic.values(count, 0.05f), new Shape(shape));
    }

    @TearDown
    public void close() {
        manager.close();
    }

    @Benchmark
    public float forward(Roofline roofline) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray pixels = image.duplicate();
            pixels.attach(scope);
            NDArray patches = Conv2d.conv2d(
                            pixels,
                            weight("patch_embed.proj.weight"),
                            weight("patch_embed.proj.bias"),
                            new Shape(config.patch(), config.patch()))
                    .singletonOrThrow()
                    .reshape(1, config.width(), -1)
                    .transpose(0, 2, 1);
            NDArray x = weight("cls_token").concat(patches, 1).add(positions);
            x.attach(scope);
            for (int i = 0; i < config.depth(); i++) {
                x = block("blocks." + i + ".", x);
            }
            float first = norm("norm", x).getFloat(0, 0, 0);
            roofline.did(flop, 0);
            return first;
        }
    }

    private NDArray block(String name, NDArray x) {
        long tokens = x.getShape().get(1);
        int heads = config.heads();
        int depth = config.width() / heads;
        NDArray qkv = linear(name + "attn.qkv", norm(name + "norm1", x))
                .reshape(1, tokens, 3, heads, depth)
                .transpose(2, 0, 3, 1, 4);
        NDArray scores = qkv.get(0).matMul(qkv.get(1).transpose(0, 1, 3, 2)).mul(1 / Math.sqrt(depth));
        NDArray mixed =
                scores.softmax(-1).matMul(qkv.get(2)).transpose(0, 2, 1, 3).reshape(1, tokens, config.width());
        NDArray attended = x.add(linear(name + "attn.proj", mixed));
        NDArray hidden = Activation.gelu(linear(name + "mlp.fc1", norm(name + "norm2", attended)));
        return attended.add(linear(name + "mlp.fc2", hidden));
    }

    private NDArray weight(String name) {
        return weights.get(name);
    }

    private NDArray linear(String name, NDArray x) {
        NDList out = Linear.linear(x, weight(name + ".weight"), weight(name + ".bias"));
        return out.singletonOrThrow();
    }

    private NDArray norm(String name, NDArray x) {
        return LayerNorm.layerNorm(
                        x,
                        new Shape(config.width()),
                        weight(name + ".weight"),
                        weight(name + ".bias"),
                        Architecture.LAYER_NORM_EPSILON)
                .singletonOrThrow();
    }
}
