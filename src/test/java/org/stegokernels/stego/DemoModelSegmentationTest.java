package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.weights.DemoModel;

/** The model that comes with the program, as it is in the program, on the photographs that the README shows. */
class DemoModelSegmentationTest {
    private Device device;
    private Stego model;

    @BeforeEach
    void open() {
        device = TestDevices.open(Devices.choose("cpu"));
        model = Stego.demo(device);
    }

    @AfterEach
    void close() {
        model.close();
        device.close();
    }

    @Test
    void itIsSmallAndWhole() {
        assertThat(DemoModel.bytes()).isBetween(1L, 6_000_000L);
        assertThat(model.backbone().patch()).isEqualTo(8);
        assertThat(model.head()).isPresent();
        assertThat(model.clusterProbe()).isPresent();
        assertThat(model.info().classNames()).doesNotHaveDuplicates().hasSize(model.classCount());
        assertThat(model.clusterToClass()).doesNotContain(ModelInfo.UNKNOWN_CLASS);
    }

    @Test
    void oneLineOpensIt() {
        try (Segmenter segmenter = Segmenter.demo()) {
            assertThat(segmenter.classes())
                    .extracting(Segmentation.ClassInfo::name)
                    .isEqualTo(model.info().classNames());
        }
    }

    @Test
    void theTempleStandsAmongPlantsBeforeLakeAndSky() {
        LabelMap labels = segment("temple.jpg");
        assertHolds(labels, "sky", 0, 0, 12, 20);
        assertHolds(labels, "sky", 60, 10, 95, 25);
        assertHolds(labels, "building", 20, 35, 45, 65);
        assertHolds(labels, "plants", 65, 80, 95, 95);
        assertHolds(labels, "water", 60, 53, 80, 60);
    }

    @Test
    void theMountainsAreRockBetweenGroundAndSky() {
        LabelMap labels = segment("mountains.jpg");
        assertHolds(labels, "sky", 60, 0, 100, 10);
        assertHolds(labels, "rock", 55, 30, 75, 50);
        assertHolds(labels, "ground", 60, 75, 95, 90);
    }

    @Test
    void theMeadowIsGreen() {
        LabelMap labels = segment("meadow.jpg");
        assertHolds(labels, "sky", 0, 0, 60, 8);
        assertHolds(labels, "plants", 20, 75, 80, 95);
    }

    private LabelMap segment(String photograph) {
        Segmenter.Options options =
                Segmenter.Options.DEFAULT.withSize(model.info().settings().inputSize());
        try (Segmenter segmenter = Segmenter.of(model, options)) {
            return segmenter
                    .segment(ImageReader.read(Path.of("examples", photograph)))
                    .labels();
        }
    }

    /** Nearly all pixels of a box, its sides in percent of width and height, are of the class that a person sees there. */
    private void assertHolds(LabelMap labels, String name, int left, int top, int right, int bottom) {
        int wanted = model.info().classNames().indexOf(name);
        int found = 0;
        int pixels = 0;
        for (int y = labels.height() * top / 100; y < labels.height() * bottom / 100; y++) {
            for (int x = labels.width() * left / 100; x < labels.width() * right / 100; x++) {
                found += labels.label(x, y) == wanted ? 1 : 0;
                pixels++;
            }
        }
        assertThat((double) found / pixels).as(name).isGreaterThan(0.9);
    }
}
