package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.stegokernels.testing.ReferenceVectors.assertClose;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.stego.ModelInfo.Views;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.vit.Backbone.FeatureKind;

/** Features of several views, against those of each view alone, put together by plain loops in double precision. */
class ViewedBackboneTest {
    private static final int PATCH = 8;
    private static final int ROWS = 4;
    private static final int COLUMNS = 6;

    /** Planes or features, {@code [count, rows, columns, channels]}. */
    private record Grid(int count, int rows, int columns, int channels, double[] values) {
        static Grid of(int count, int rows, int columns, int channels, float[] values) {
            double[] copy = new double[values.length];
            for (int i = 0; i < copy.length; i++) {
                copy[i] = values[i];
            }
            return new Grid(count, rows, columns, channels, copy);
        }

        double at(int image, int row, int column, int channel) {
            return values[((image * rows + row) * columns + column) * channels + channel];
        }

        /** Resizes as PyTorch does with align_corners false and without antialiasing. */
        Grid resized(int height, int width) {
            double[] out = new double[count * height * width * channels];
            int to = 0;
            for (int image = 0; image < count; image++) {
                for (int y = 0; y < height; y++) {
                    double sourceY = Math.max(0, (y + 0.5) * rows / height - 0.5);
                    int top = (int) sourceY;
                    int bottom = Math.min(rows - 1, top + 1);
                    for (int x = 0; x < width; x++) {
                        double sourceX = Math.max(0, (x + 0.5) * columns / width - 0.5);
                        int left = (int) sourceX;
                        int right = Math.min(columns - 1, left + 1);
                        for (int c = 0; c < channels; c++) {
                            double upper = at(image, top, left, c) * (1 - sourceX + left)
                                    + at(image, top, right, c) * (sourceX - left);
                            double lower = at(image, bottom, left, c) * (1 - sourceX + left)
                                    + at(image, bottom, right, c) * (sourceX - left);
                            out[to++] = upper * (1 - sourceY + top) + lower * (sourceY - top);
                        }
                    }
                }
            }
            return new Grid(count, height, width, channels, out);
        }

        Grid cut(int top, int left, int height, int width) {
            double[] out = new double[count * height * width * channels];
            int to = 0;
            for (int image = 0; image < count; image++) {
                for (int y = 0; y < height; y++) {
                    for (int x = 0; x < width; x++) {
                        for (int c = 0; c < channels; c++) {
                            out[to++] = at(image, top + y, left + x, c);
                        }
                    }
                }
            }
            return new Grid(count, height, width, channels, out);
        }

        float[] floats() {
            float[] floats = new float[values.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) values[i];
            }
            return floats;
        }
    }

    private static Stego model(Device device, List<Double> scales, int window) {
        return Stego.load(ReferenceVectors.open("pipeline"), device, Optional.of(new Views(scales, window)));
    }

    private static Grid images(int count) {
        Random random = new Random(5);
        float[] pixels = new float[count * 3 * ROWS * PATCH * COLUMNS * PATCH];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        return Grid.of(3 * count, ROWS * PATCH, COLUMNS * PATCH, 1, pixels);
    }

    private static Grid features(Stego model, Grid planes, FeatureKind kind) {
        int count = planes.count() / 3;
        int channels = model.backbone().width();
        try (Tensor image = model.device().upload(planes.floats(), count, 3, planes.rows(), planes.columns())) {
            float[] values = model.device().floats(model.backbone().features(image, kind));
            return Grid.of(count, planes.rows() / PATCH, planes.columns() / PATCH, channels, values);
        }
    }

    /** Averages the directions of several grids of features, and their lengths. */
    private static float[] average(List<Grid> grids) {
        int channels = grids.get(0).channels();
        float[] mean = new float[grids.get(0).values().length];
        for (int first = 0; first < mean.length; first += channels) {
            double[] sum = new double[channels];
            double lengths = 0;
            for (Grid grid : grids) {
                double length = length(grid.values(), first, channels);
                lengths += length;
                for (int c = 0; c < channels; c++) {
                    sum[c] += grid.values()[first + c] / length;
                }
            }
            double length = length(sum, 0, channels);
            for (int c = 0; c < channels; c++) {
                mean[first + c] = (float) (sum[c] / length * lengths / grids.size());
            }
        }
        return mean;
    }

    private static double length(double[] values, int from, int count) {
        double squares = 0;
        for (int i = from; i < from + count; i++) {
            squares += values[i] * values[i];
        }
        return Math.sqrt(squares);
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void featuresOfSeveralScalesAreTheMeanOfTheirDirections(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                Stego plain = Stego.load(ReferenceVectors.open("pipeline"), device);
                Stego viewed = model(device, List.of(1.0, 0.5, 1.5), 0)) {
            for (FeatureKind kind : FeatureKind.values()) {
                Grid images = images(2);
                List<Grid> seen = new ArrayList<>();
                for (double scale : List.of(1.0, 0.5, 1.5)) {
                    int rows = (int) Math.round(ROWS * scale);
                    int columns = (int) Math.round(COLUMNS * scale);
                    Grid resized = images.resized(rows * PATCH, columns * PATCH);
                    seen.add(features(plain, resized, kind).resized(ROWS, COLUMNS));
                }
                assertClose(kind.name(), features(viewed, images, kind).floats(), average(seen), 1e-5);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void featuresOfWindowsAreBlended(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                Stego plain = Stego.load(ReferenceVectors.open("pipeline"), device);
                Stego viewed = model(device, List.of(1.0), 4 * PATCH)) {
            Grid images = images(2);
            Grid left = features(plain, images.cut(0, 0, 32, 32), FeatureKind.FEAT);
            Grid right = features(plain, images.cut(0, 16, 32, 32), FeatureKind.FEAT);
            Grid blended = features(viewed, images, FeatureKind.FEAT);
            float[] expected = new float[blended.values().length];
            int to = 0;
            for (int image = 0; image < 2; image++) {
                for (int row = 0; row < ROWS; row++) {
                    for (int column = 0; column < COLUMNS; column++) {
                        double ofLeft = column < 4 ? Math.pow(Math.sin(Math.PI * (column + 0.5) / 4), 2) : 0;
                        double ofRight = column < 2 ? 0 : Math.pow(Math.sin(Math.PI * (column - 1.5) / 4), 2);
                        for (int c = 0; c < blended.channels(); c++) {
                            double sum = (ofLeft > 0 ? ofLeft * left.at(image, row, column, c) : 0)
                                    + (ofRight > 0 ? ofRight * right.at(image, row, column - 2, c) : 0);
                            expected[to++] = (float) (sum / (ofLeft + ofRight));
                        }
                    }
                }
            }
            assertClose("features", blended.floats(), expected, 1e-5);
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void anImageHasTheSameFeaturesAloneAndAfterALargerBatch(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                Stego viewed = model(device, List.of(0.75, 1.25), 2 * PATCH)) {
            Grid both = images(2);
            Grid together = features(viewed, both, FeatureKind.FEAT);
            double[] second = new double[both.values().length / 2];
            System.arraycopy(both.values(), second.length, second, 0, second.length);
            Grid alone = features(viewed, new Grid(3, both.rows(), both.columns(), 1, second), FeatureKind.FEAT);
            float[] expected = new float[alone.values().length];
            System.arraycopy(together.floats(), expected.length, expected, 0, expected.length);
            assertClose("features", alone.floats(), expected, 1e-6);
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void viewsThatCanNotBeMeantAreRefused(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model(device, List.of(1.0), 20))
                    .withMessage("window 20 is not in whole patches of 8 pixels");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Views(List.of(1.0, 0.0), 0))
                .withMessage("scales must be between 0.1 and 4.0, not 0.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Views(List.of(0.5, 0.5), 0))
                .withMessage("scales must be 1 to 8 different numbers, not [0.5, 0.5]");
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void theWholeImageAloneIsSeenByTheBackboneItself(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                Stego plain = Stego.load(ReferenceVectors.open("pipeline"), device);
                Stego whole = model(device, List.of(1.0), 0);
                Stego viewed = model(device, List.of(1.0, 0.5), 0)) {
            assertThat(whole.backbone()).isNotInstanceOf(ViewedBackbone.class);
            assertThat(whole.backboneKey()).isEqualTo(plain.backboneKey());
            assertThat(viewed.backboneKey()).isNotEqualTo(plain.backboneKey());
        }
    }
}
