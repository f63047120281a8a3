package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.RgbImage;
import org.stegokernels.testing.TestDevices;

/** The photographs of {@code examples/} are cut alike on every device, with the demo model and with clusters found. */
class DeviceAgreementTest {
    private static final double AGREEMENT = 0.999;
    private static final int CLUSTERS = 6;
    private static final Segmenter.Options OPTIONS = Segmenter.Options.DEFAULT.withSize(160);

    private static List<RgbImage> photographs;
    private static List<byte[]> expected;
    private static List<byte[]> expectedClusters;

    /** Segments the photographs on the CPU device. */
    @BeforeAll
    static void segment() throws IOException {
        photographs = Stream.of("meadow", "mountains", "temple")
                .map(name -> ImageReader.read(Path.of("examples", name + ".jpg")))
                .toList();
        try (Device cpu = TestDevices.open(Devices.choose("cpu"))) {
            expected = labels(cpu);
            expectedClusters = clusterLabels(cpu);
        }
    }

    static Stream<Named<Devices.Choice>> others() {
        return TestDevices.all().filter(device -> !device.getName().equals("cpu"));
    }

    private static List<byte[]> labels(Device device) {
        try (Stego model = Stego.demo(device);
                Segmenter segmenter = Segmenter.of(model, OPTIONS)) {
            return photographs.stream()
                    .map(photograph -> segmenter.segment(photograph).labels().labels())
                    .toList();
        }
    }

    private static List<byte[]> clusterLabels(Device device) throws IOException {
        try (Stego model = Stego.demo(device);
                ClusterFinder finder = new ClusterFinder(model, OPTIONS)) {
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
    }

    private static void check(List<byte[]> actual, List<byte[]> wanted) {
        for (int i = 0; i < wanted.size(); i++) {
            int equal = 0;
            for (int p = 0; p < wanted.get(i).length; p++) {
                equal += actual.get(i)[p] == wanted.get(i)[p] ? 1 : 0;
            }
            assertThat((double) equal / wanted.get(i).length)
                    .as("equal labels of photograph %d", i)
                    .isGreaterThanOrEqualTo(AGREEMENT);
        }
    }

    @ParameterizedTest
    @MethodSource("others")
    void theDemoModelsClassesAreTheCpus(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            check(labels(device), expected);
            device.checkGuards();
        }
    }

    @ParameterizedTest
    @MethodSource("others")
    void clustersFoundAreTheCpus(Devices.Choice choice) throws IOException {
        try (Device device = TestDevices.open(choice)) {
            check(clusterLabels(device), expectedClusters);
            device.checkGuards();
        }
    }
}
