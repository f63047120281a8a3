package org.stegokernels.train.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;

/** The alignment loss against a double-precision loop and central differences. */
class AlignmentLossTest {
    private static final int IMAGES = 2;
    private static final int SIDE = 4;
    private static final int CHANNELS = 5;

    /** Double-precision loop: bilinear at (x, y), align_corners true, then the cosine. */
    private static double expected(double[] code, float[] coords) {
        double sum = 0;
        int patches = SIDE * SIDE;
        for (int i = 0; i < IMAGES * patches; i++) {
            double x = Math.min(SIDE - 1, Math.max(0, (coords[2 * i] + 1.0) / 2 * (SIDE - 1)));
            double y = Math.min(SIDE - 1, Math.max(0, (coords[2 * i + 1] + 1.0) / 2 * (SIDE - 1)));
            int left = Math.min(SIDE - 2, (int) x);
            int top = Math.min(SIDE - 2, (int) y);
            double dot = 0;
            double lengthA = 0;
            double lengthB = 0;
            for (int c = 0; c < CHANNELS; c++) {
                double a = 0;
                for (int corner = 0; corner < 4; corner++) {
                    int column = left + corner % 2;
                    int row = top + corner / 2;
                    double weight = (1 - Math.abs(x - column)) * (1 - Math.abs(y - row));
                    a += weight * code[((i / patches * SIDE + row) * SIDE + column) * CHANNELS + c];
                }
                double b = code[(2 * IMAGES * patches + i) * CHANNELS + c];
                dot += a * b;
                lengthA += a * a;
                lengthB += b * b;
            }
            sum -= dot / Math.sqrt(lengthA * lengthB);
        }
        return sum / (IMAGES * patches);
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void alignmentAgreesWithALoopAndItsDifferences(Devices.Choice choice) {
        int size = 3 * IMAGES * SIDE * SIDE * CHANNELS;
        float[] code = ThreadCounts.normal(1, size, 0.2, 1);
        float[] coords = new float[IMAGES * SIDE * SIDE * 2];
        Random random = new Random(2);
        for (int i = 0; i < coords.length; i++) {
            coords[i] = 2.2f * random.nextFloat() - 1.1f;
        }
        double[] wide = new double[size];
        for (int i = 0; i < size; i++) {
            wide[i] = code[i];
        }
        try (Device device = TestDevices.open(choice);
                AlignmentLoss loss = new AlignmentLoss(device)) {
            Tensor gradient = device.allocate(3 * IMAGES, SIDE, SIDE, CHANNELS);
            device.training().fill(gradient, 1);
            double actual =
                    loss.run(device.upload(code, 3 * IMAGES, SIDE, SIDE, CHANNELS), IMAGES, coords, 0.5, gradient);
            assertThat(actual).isCloseTo(expected(wide, coords), within(1e-5));
            float[] gradients = device.floats(gradient);
            double step = 1e-5;
            for (int i = 0; i < size; i++) {
                wide[i] = code[i] + step;
                double above = expected(wide, coords);
                wide[i] = code[i] - step;
                double difference = (above - expected(wide, coords)) / (2 * step);
                wide[i] = code[i];
                assertThat((double) gradients[i]).isCloseTo(1 + 0.5 * difference, within(1e-5));
            }
            device.checkGuards();
        }
    }
}
