package org.stegokernels.bench;

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
import org.openjdk.jmh.annotations.Warmup;
import org.stegokernels.bench.roofline.Roofline;
import org.stegokernels.tensor.Tensor;

/** crossEntropy: 16 images, logits of 20x20 against labels of 320x320, with the gradient; classes alike, or each of its own weight. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class CrossEntropyBenchmark {

    @Param({"11", "27"})
    public int classes;

    private Tensor logits;
    private Tensor labels;

    @Param({"false", "true"})
    public boolean weighted;

    private Tensor classWeights;
    private Tensor gradient;
    private Tensor out;

    @Setup
    public void allocate(DeviceState device, Roofline roofline) {
        int side = Training.SIDE;
        int images = Training.IMAGES;
        logits = device.opened()
                .upload(Synthetic.values(images * side * side * classes, 3), images, side, side, classes);
        labels = Training.labels(device.opened(), classes);
        classWeights = weighted ? device.opened().upload(Synthetic.values(classes, 5), classes) : null;
        gradient = device.opened().allocate(images, side, side, classes);
        out = device.opened().allocate(1);
        roofline.on(device);
    }

    /** Each label and class: resized (7), exponential and sum (3), its share and that in four corners' gradients (9). */
    @Benchmark
    public void crossEntropy(DeviceState device, Roofline roofline) {
        device.opened().training().crossEntropy(logits, labels, classWeights, 1, gradient, out);
        device.opened().finish();
        double count = labels.shape().size();
        roofline.did(19 * count * classes, 4 * (count + 2.0 * logits.shape().size()));
    }
}
