package org.stegokernels.crf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.verify.LatticeOracle;
import org.stegokernels.weights.Safetensors;

/** The dense CRF against pydensecrf's marginals and labels, and against plain loops in double precision. */
class DenseCrfTest {
    private static final float MARGINALS = 1e-3f;
    private static final double LABELS = 0.999;

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheReference(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                Safetensors file = ReferenceVectors.open("dense_crf")) {
            List<String> cases = file.names().stream()
                    .filter(name -> name.endsWith(".image"))
                    .map(name -> name.substring(0, name.length() - ".image".length()))
                    .toList();
            assertThat(cases).isNotEmpty();
            for (String name : cases) {
                for (String count : file.metadata().get("iterations").split(",")) {
                    if (file.has(name + ".argmax." + count)) {
                        check(device, file, name, Integer.parseInt(count));
                    }
                }
            }
            device.checkGuards();
        }
    }

    private static void check(Device device, Safetensors file, String name, int iterations) {
        Shape image = file.entry(name + ".image").shape();
        int height = image.dim(0);
        int width = image.dim(1);
        int classes = file.entry(name + ".logits").shape().dim(0);
        float[] logits = channelsLast(file.floats(name + ".logits"), classes);
        float[] marginals = infer(
                device, settings(file.metadata(), iterations), logits, file.bytes(name + ".image"), width, height);

        byte[] labels = file.bytes(name + ".argmax." + iterations);
        int equal = 0;
        for (int p = 0; p < width * height; p++) {
            equal += argmax(marginals, p * classes, classes) == labels[p] ? 1 : 0;
        }
        String what = name + " after " + iterations;
        assertThat((double) equal / labels.length).as("equal labels of " + what).isGreaterThanOrEqualTo(LABELS);
        if (file.has(name + ".q." + iterations)) {
            float[] expected = channelsLast(file.floats(name + ".q." + iterations), classes);
            assertThat(marginals).as("marginals of " + what).containsExactly(expected, within(MARGINALS));
        }
    }

    private static DenseCrf.Settings settings(Map<String, String> metadata, int iterations) {
        return new DenseCrf.Settings(
                iterations,
                Float.parseFloat(metadata.get("pos_w")),
                Float.parseFloat(metadata.get("pos_xy_std")),
                Float.parseFloat(metadata.get("bi_w")),
                Float.parseFloat(metadata.get("bi_xy_std")),
                Float.parseFloat(metadata.get("bi_rgb_std")));
    }

    private static float[] channelsLast(float[] planes, int channels) {
        HostTensor tensor = new HostTensor(Shape.of(1, channels, planes.length / channels), planes);
        return ReferenceVectors.channelsLast(tensor).values();
    }

    private static int argmax(float[] x, int from, int count) {
        int best = 0;
        for (int c = 1; c < count; c++) {
            best = x[from + c] > x[from + best] ? c : best;
        }
        return best;
    }

    private static float[] infer(
            Device device, DenseCrf.Settings settings, float[] logits, byte[] rgb, int width, int height) {
        int classes = logits.length / (width * height);
        try (DenseCrf crf = new DenseCrf(device, settings);
                Tensor in = device.upload(logits, width * height, classes);
                Tensor out = device.allocate(width * height, classes)) {
            crf.infer(in, rgb, width, height, out);
            return device.floats(out);
        }
    }

    /** Widths and heights of one pixel, and numbers of classes around whole vectors. */
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void matchesTheOracleAtOddSizes(Devices.Choice choice) {
        int[][] sizes = {{1, 1, 1}, {1, 1, 27}, {1, 40, 3}, {40, 1, 1}, {13, 7, 33}, {31, 9, 27}};
        DenseCrf.Settings settings = new DenseCrf.Settings(3, 2.5f, 1.5f, 6, 30, 12);
        for (int[] size : sizes) {
            int width = size[0];
            int height = size[1];
            float[] logits = ThreadCounts.normal(width, width * height * size[2], -1, 1);
            byte[] rgb = noise(width * height * 3);
            float[] actual = ThreadCounts.floats(choice, device -> {
                Tensor out = device.allocate(width * height, size[2]);
                try (DenseCrf crf = new DenseCrf(device, settings)) {
                    crf.infer(device.upload(logits, width * height, size[2]), rgb, width, height, out);
                }
                return out;
            });
            double[] expected = oracle(settings, logits, size[2], rgb, width, height);
            for (int i = 0; i < actual.length; i++) {
                assertThat((double) actual[i]).as(Arrays.toString(size)).isCloseTo(expected[i], within(2e-5));
            }
        }
    }

    private static double[] oracle(
            DenseCrf.Settings settings, float[] logits, int classes, byte[] rgb, int width, int height) {
        float[] near = new float[width * height * 2];
        float[] alike = new float[width * height * 5];
        for (int p = 0; p < width * height; p++) {
            near[p * 2] = p % width / settings.smoothnessDeviation();
            near[p * 2 + 1] = p / width / settings.smoothnessDeviation();
            alike[p * 5] = p % width / settings.appearanceDeviation();
            alike[p * 5 + 1] = p / width / settings.appearanceDeviation();
            for (int c = 0; c < 3; c++) {
                alike[p * 5 + 2 + c] = Byte.toUnsignedInt(rgb[p * 3 + 2 - c]) / settings.colorDeviation();
            }
        }
        return LatticeOracle.meanField(
                logits,
                classes,
                List.of(new LatticeOracle(near, 2), new LatticeOracle(alike, 5)),
                new float[] {settings.smoothnessWeight(), settings.appearanceWeight()},
                settings.iterations());
    }

    private static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @Test
    void secondImageOfASizeTakesNoMemory() {
        int width = 40;
        int height = 30;
        byte[] noisy = noise(width * height * 3);
        byte[] flat = new byte[width * height * 3];
        try (Device device = Devices.choose("cpu").open(new Device.Options(2, true))) {
            Tensor logits = device.upload(ThreadCounts.normal(1, width * height * 27, 0, 1), width * height, 27);
            Tensor out = device.allocate(width * height, 27);
            long before = device.allocatedBytes();
            try (DenseCrf crf = new DenseCrf(device, DenseCrf.Settings.DEFAULT)) {
                crf.infer(logits, noisy, width, height, out);
                float[] first = device.floats(out);
                crf.infer(logits, flat, height, width, out);
                long bytes = device.allocatedBytes();
                assertThat(bytes).isGreaterThan(before);
                for (int round = 0; round < 3; round++) {
                    crf.infer(logits, flat, width, height, out);
                    crf.infer(logits, noisy, height, width, out);
                    crf.infer(logits, noisy, width, height, out);
                    assertThat(device.floats(out)).isEqualTo(first);
                }
                long grown = device.allocatedBytes();
                crf.infer(logits, noisy, width, height, out);
                crf.infer(logits, noisy, height, width, out);
                assertThat(device.allocatedBytes()).isEqualTo(grown);
            }
            long closed = device.allocatedBytes();
            try (DenseCrf crf = new DenseCrf(device, DenseCrf.Settings.DEFAULT)) {
                crf.infer(logits, noisy, width, height, out);
            }
            assertThat(device.allocatedBytes()).as("after closing").isEqualTo(closed);
        }
    }

    @Test
    void sharpensABorder() {
        int width = 32;
        int height = 16;
        float[] logits = new float[width * height * 2];
        byte[] rgb = new byte[width * height * 3];
        for (int p = 0; p < width * height; p++) {
            boolean right = p % width >= 16;
            Arrays.fill(rgb, p * 3, p * 3 + 3, (byte) (right ? 200 : 40));
            boolean saysRight = p % width >= 18;
            logits[p * 2 + (saysRight ? 1 : 0)] = 1;
        }
        try (Device device = Devices.choose("cpu").open(Device.Options.DEFAULT)) {
            float[] marginals = infer(device, DenseCrf.Settings.DEFAULT, logits, rgb, width, height);
            for (int p = 0; p < width * height; p++) {
                assertThat(argmax(marginals, p * 2, 2)).as("pixel " + p).isEqualTo(p % width >= 16 ? 1 : 0);
            }
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        try (Device device = Devices.choose("cpu").open(Device.Options.DEFAULT);
                DenseCrf crf = new DenseCrf(device, DenseCrf.Settings.DEFAULT)) {
            Tensor logits = device.allocate(12, 3);
            Tensor out = device.allocate(12, 3);
            assertThatThrownBy(() -> crf.infer(logits, new byte[36], 4, 4, out))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("4x4")
                    .hasMessageContaining("[12, 3]");
            assertThatThrownBy(() -> crf.infer(logits, new byte[35], 4, 3, out))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> crf.infer(logits, new byte[36], 4, 3, device.allocate(12, 4)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void refusesSettingsWithoutMeaning() {
        assertThatThrownBy(() -> new DenseCrf.Settings(-1, 3, 1, 4, 67, 3)).hasMessageContaining("iterations");
        assertThatThrownBy(() -> new DenseCrf.Settings(10, Float.NaN, 1, 4, 67, 3))
                .hasMessageContaining("smoothness weight");
        assertThatThrownBy(() -> new DenseCrf.Settings(10, 3, 0, 4, 67, 3))
                .hasMessageContaining("smoothness deviation");
        assertThatThrownBy(() -> new DenseCrf.Settings(10, 3, 1, 4, 67, -3)).hasMessageContaining("color deviation");
    }
}
