package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.image.RgbImage;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;

class ClusterFinderTest {
    private static final Segmenter.Options OPTIONS =
            Segmenter.Options.DEFAULT.withSize(64).withFlip(false);

    private Device device;
    private Stego model;

    @BeforeEach
    void open() {
        device = TestDevices.open(Devices.choose("cpu"));
        model = Stego.load(ReferenceVectors.open("vit_micro_p8"), device);
    }

    @AfterEach
    void close() {
        device.checkGuards();
        model.close();
        device.close();
    }

    /** Dark up to a column, light from there on, each with some noise. */
    private static RgbImage photograph(int width, int height, int border) {
        Random random = new Random(border);
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) ((i / 3 % width < border ? 20 : 200) + random.nextInt(40));
        }
        return new RgbImage(width, height, rgb);
    }

    @Test
    void findsWhatThePhotographsHaveInCommonLargestFirst() throws IOException {
        RgbImage mostlyLight = photograph(96, 64, 24);
        RgbImage mostlyDark = photograph(64, 96, 40);
        try (ClusterFinder finder = new ClusterFinder(model, OPTIONS)) {
            finder.add(mostlyLight);
            finder.add(mostlyDark);
            finder.find(2, 0);
            assertThat(finder.classes())
                    .extracting(Segmentation.ClassInfo::name)
                    .containsExactly("cluster 0", "cluster 1");
            Segmentation first = finder.segment(0, mostlyLight);
            assertThat(first.labels().label(90, 32)).isEqualTo(0);
            assertThat(first.labels().label(4, 32)).isEqualTo(1);
            assertThat(first.shares()[0]).isBetween(0.65, 0.85);
            Segmentation second = finder.segment(1, mostlyDark);
            assertThat(second.labels().label(60, 48)).isEqualTo(0);
            assertThat(second.labels().label(4, 48)).isEqualTo(1);
        }
    }

    @Test
    void equalSeedsGiveEqualLabels() throws IOException {
        RgbImage image = photograph(96, 64, 24);
        byte[][] labels = new byte[2][];
        for (int i = 0; i < 2; i++) {
            try (ClusterFinder finder = new ClusterFinder(model, OPTIONS)) {
                finder.add(image);
                finder.find(4, 11);
                labels[i] = finder.segment(0, image).labels().labels();
            }
        }
        assertThat(labels[0]).isEqualTo(labels[1]);
    }

    /** Class 3 of today is class 3 of tomorrow, when the folder is listed otherwise. */
    @Test
    void theOrderOfThePhotographsChangesNoLabel() throws IOException {
        List<RgbImage> images = List.of(photograph(96, 64, 24), photograph(64, 96, 40), photograph(80, 64, 60));
        byte[][][] labels = new byte[2][3][];
        for (int run = 0; run < 2; run++) {
            int[] order = run == 0 ? new int[] {0, 1, 2} : new int[] {2, 0, 1};
            try (ClusterFinder finder = new ClusterFinder(model, OPTIONS)) {
                for (int image : order) {
                    finder.add(images.get(image));
                }
                finder.find(5, 3);
                for (int i = 0; i < 3; i++) {
                    labels[run][order[i]] =
                            finder.segment(i, images.get(order[i])).labels().labels();
                }
            }
        }
        assertThat(labels[0]).isDeepEqualTo(labels[1]);
    }

    @Test
    void anotherPhotographThanTheOneAddedIsRefused() throws IOException {
        try (ClusterFinder finder = new ClusterFinder(model, OPTIONS)) {
            finder.add(photograph(96, 64, 24));
            finder.find(2, 0);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> finder.segment(0, photograph(64, 96, 24)))
                    .withMessageContaining("has it changed?");
        }
    }

    @Test
    void moreClustersThanPatchesAreRefused() throws IOException {
        try (ClusterFinder finder = new ClusterFinder(model, OPTIONS)) {
            assertThatIllegalArgumentException().isThrownBy(() -> finder.find(1, 0));
            finder.add(photograph(64, 64, 24));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> finder.find(65, 0))
                    .withMessageContaining("65 clusters among 64 patches");
            assertThatIllegalArgumentException().isThrownBy(() -> finder.find(256, 0));
        }
    }
}
