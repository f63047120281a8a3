package org.stegokernels.device.tornado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceOptions;
import org.stegokernels.device.Devices;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.ClusterFinder;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.SegmenterOptions;
import org.stegokernels.stego.Stego;

/** The photographs that come with the program: their regions are those that the CPU kernels find. */
class SegmentationTest {
    private static final Path PHOTOGRAPHS = Path.of("examples");
    private static final Path DEIT_TINY = Path.of("..", "shared", "weights", "deit_tiny_patch16_224.safetensors");
    /** Smaller than usual, since TornadoVM on a processor is as slow as scalar code. */
    private static final SegmenterOptions OPTIONS = SegmenterOptions.DEFAULT.withSize(128);

    private static final int CLUSTERS = 6;
    private static final double EQUAL = 0.999;

    private interface Segmentations {
        List<byte[]> of(Device device) throws IOException;
    }

    private static List<RgbImage> photographs() throws IOException {
        try (Stream<Path> files = Files.list(PHOTOGRAPHS)) {
            return files.filter(ImageReader::hasImageExtension)
                    .sorted()
                    .map(ImageReader::read)
                    .toList();
        }
    }

    private static void compare(Segmentations segmentations) throws IOException {
        List<byte[]> actual;
        List<byte[]> expected;
        try (Device device = TornadoDevices.open(DeviceOptions.DEFAULT)) {
            actual = segmentations.of(device);
        }
        try (Device device = Devices.choose("cpu").open(DeviceOptions.DEFAULT)) {
            expected = segmentations.of(device);
        }
        assertThat(actual).hasSameSizeAs(expected).isNotEmpty();
        for (int i = 0; i < expected.size(); i++) {
            assertThat(equalPart(actual.get(i), expected.get(i)))
                    .as("photograph %d", i)
                    .isGreaterThanOrEqualTo(EQUAL);
        }
    }

    private static double equalPart(byte[] actual, byte[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        int equal = 0;
        for (int i = 0; i < expected.length; i++) {
            equal += actual[i] == expected[i] ? 1 : 0;
        }
        return (double) equal / expected.length;
    }

    @Test
    void theDemoModelFindsTheSameClasses() throws IOException {
        List<RgbImage> photographs = photographs();
        compare(device -> {
            try (Stego model = Stego.demo(device);
                    Segmenter segmenter = Segmenter.of(model, device, OPTIONS)) {
                return photographs.stream()
                        .map(photograph ->
                                segmenter.segment(photograph).labels().labels())
                        .toList();
            }
        });
    }

    @Test
    void clustersOfDeitTinyAreTheSame() throws IOException {
        assumeTrue(Files.exists(DEIT_TINY), () -> "skipped: " + DEIT_TINY + " is not there");
        List<RgbImage> photographs = photographs();
        compare(device -> {
            try (Stego model = Stego.load(DEIT_TINY, device);
                    ClusterFinder finder = new ClusterFinder(model, device, OPTIONS)) {
                for (RgbImage photograph : photographs) {
                    finder.add(photograph);
                }
                finder.find(CLUSTERS, 0);
                List<byte[]> labels = new ArrayList<>();
                for (int i = 0; i < photographs.size(); i++) {
                    labels.add(finder.segment(i, photographs.get(i)).labels().labels());
                }
                return labels;
            }
        });
    }
}
