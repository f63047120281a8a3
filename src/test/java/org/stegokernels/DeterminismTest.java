package org.stegokernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.vit.Backbone;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.Safetensors;

/** A whole model computes the same bits in every run and with every thread count. */
class DeterminismTest {
    /** Sides that leave a tail in every tile, and tokens enough for many tasks. */
    private static final int HEIGHT = 136;

    private static final int WIDTH = 184;
    private static final float[] IMAGES = ThreadCounts.normal(11, 2 * 3 * HEIGHT * WIDTH, 0, 1);

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void featuresDoNotDependOnTheNumberOfThreads(Devices.Choice choice) {
        try (Safetensors file = ReferenceVectors.open("vit_micro_p8")) {
            for (FeatureKind kind : FeatureKind.values()) {
                float[] features = ThreadCounts.floats(
                        choice,
                        device -> Backbone.load(file, "weights.", device)
                                .features(device.upload(IMAGES, 2, 3, HEIGHT, WIDTH), kind));
                assertThat(features).doesNotContain(Float.NaN);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void aSecondRunGivesTheBitsOfTheFirst(Devices.Choice choice) {
        try (Safetensors file = ReferenceVectors.open("vit_micro_p8");
                Device device = TestDevices.open(choice);
                Backbone model = Backbone.load(file, "weights.", device)) {
            float[] first =
                    device.floats(model.tokens(device.upload(IMAGES, 2, 3, HEIGHT, WIDTH), Backbone.Observer.NONE));
            model.tokens(device.upload(IMAGES, 1, 3, 2 * HEIGHT, WIDTH), Backbone.Observer.NONE);
            float[] second =
                    device.floats(model.tokens(device.upload(IMAGES, 2, 3, HEIGHT, WIDTH), Backbone.Observer.NONE));
            assertThat(second).isEqualTo(first);
        }
    }
}
