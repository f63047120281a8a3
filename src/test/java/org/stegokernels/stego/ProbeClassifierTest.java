package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;

/** The probabilities of the pixels of an image whose codes do not fit the memory for them at once. */
class ProbeClassifierTest {
    private static final int ROWS = 11;
    private static final int COLUMNS = 13;
    private static final int PATCH = 14;

    @Test
    void codesOfSomeLinesAtATimeGiveTheBitsOfAllAtOnce() {
        try (Device device = TestDevices.open(Devices.choose("cpu"));
                Stego model = Stego.demo(device);
                ProbeClassifier classifier = new ProbeClassifier(model, Probe.CLUSTER)) {
            ClusterProbe clusters = model.clusterProbe().orElseThrow();
            int channels = clusters.inputs();
            float[] codes = new float[ROWS * COLUMNS * channels];
            Random random = new Random(0);
            for (int i = 0; i < codes.length; i++) {
                codes[i] = (float) random.nextGaussian();
            }
            Tensor patches = device.upload(codes, ROWS, COLUMNS, channels);
            Tensor pixels = device.allocate(1, ROWS * PATCH, COLUMNS * PATCH, channels);
            Tensor expected = device.allocate(1, ROWS * PATCH, COLUMNS * PATCH, clusters.outputs());
            device.kernels().bilinear(patches.view(1, ROWS, COLUMNS, channels), pixels);
            clusters.logProbabilities(pixels, model.info().settings().alpha(), expected);
            Tensor actual = device.allocate(expected.shape().dims());
            classifier.classify(patches, actual);
            assertThat(pixels.shape().size()).isGreaterThan(ProbeClassifier.FLOATS);
            assertThat(device.floats(actual)).isEqualTo(device.floats(expected));
        }
    }
}
