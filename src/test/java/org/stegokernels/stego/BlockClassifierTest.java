package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.stego.BlockClassifier.Decisions;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;

class BlockClassifierTest {
    private static final int CANDIDATES = 3;
    private static final int SIDE = 4;

    private Device device;
    private final Decisions decisions = new Decisions(10, 12);

    @BeforeEach
    void open() {
        device = TestDevices.open(Devices.choose("cpu"));
    }

    @AfterEach
    void close() {
        device.checkGuards();
        device.close();
    }

    /** Says -5 of everything. */
    private final class Constant implements PixelClassifier {
        @Override
        public int candidates() {
            return CANDIDATES;
        }

        @Override
        public int[] classOf() {
            return new int[] {0, 1, 2};
        }

        @Override
        public List<Segmentation.ClassInfo> classes() {
            return List.of();
        }

        @Override
        public void classify(Tensor patches, Tensor out) {
            float[] values = new float[out.shape().size()];
            Arrays.fill(values, -5);
            device.write(values, out);
        }

        @Override
        public void close() {}
    }

    /** Classifies the block of 4 x 4 pixels at (6, 8). */
    private float[] classify() {
        try (BlockClassifier classifier = new BlockClassifier(device, new Constant());
                Tensor out = device.allocate(1, SIDE, SIDE, CANDIDATES)) {
            classifier.moveTo(decisions, 6, 8);
            classifier.classify(null, out);
            return device.floats(out);
        }
    }

    @Test
    void whatIsDecidedTakesThePlaceOfTheProbe() {
        decisions.put(7, 10, 2, 0.8f);
        float[] values = classify();
        int decided = (2 * SIDE + 1) * CANDIDATES;
        for (int i = 0; i < values.length; i++) {
            if (i < decided || i >= decided + CANDIDATES) {
                assertThat(values[i]).isEqualTo(-5);
            }
        }
        assertThat(Math.exp(values[decided + 2])).isCloseTo(0.8, within(0.003));
        assertThat(Math.exp(values[decided])).isCloseTo(0.1, within(0.003));
        assertThat(values[decided + 1]).isEqualTo(values[decided]);
    }

    @Test
    void decisionsAreNeverCertain() {
        decisions.put(6, 8, 0, 1);
        decisions.put(9, 11, 1, 0);
        float[] values = classify();
        for (float value : values) {
            assertThat(value).isFinite();
        }
        assertThat(values[0]).isGreaterThan(values[1]);
    }

    @Test
    void forgottenRowsAreUndecided() {
        decisions.put(6, 8, 0, 0.9f);
        decisions.put(6, 9, 0, 0.9f);
        decisions.forget(9);
        float[] values = classify();
        assertThat(values[0]).isEqualTo(-5);
        assertThat(values[SIDE * CANDIDATES]).isNotEqualTo(-5);
    }
}
