package org.stegokernels.train.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.stegokernels.testing.Gradients.assertGradient;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.train.loss.CorrespondenceLoss.Observer;
import org.stegokernels.train.loss.Objective.Regions;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.TrainingOracle;

/** The cross-entropy with merged clusters against a plain loop in double precision, its gradients against differences. */
class AdjacencyObjectiveTest {
    private static final int IMAGES = 4;
    private static final int ROWS = 2;
    private static final int COLUMNS = 3;
    private static final int PATCHES = IMAGES * ROWS * COLUMNS;
    private static final int CHANNELS = 7;
    private static final int CODE = 5;
    private static final int CLUSTERS = 4;
    private static final int[] CLASSES = {2, 0, 1, 0, 2, 1};

    private final float[] features = ThreadCounts.normal(1, PATCHES * CHANNELS, 0.3, 1);
    private final float[] centers = unit(ThreadCounts.normal(4, CLASSES.length * CHANNELS, 0, 1));
    private final float[] code = ThreadCounts.normal(2, PATCHES * CODE, 0, 1);
    private final float[] clusters = ThreadCounts.normal(3, CLUSTERS * CODE, 0, 2);

    private static float[] unit(float[] rows) {
        double[] unit = TrainingOracle.normalize(Comparison.widened(rows), CHANNELS, 1e-12);
        float[] narrow = new float[unit.length];
        for (int i = 0; i < unit.length; i++) {
            narrow[i] = (float) unit[i];
        }
        return narrow;
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void lossAndGradientsAreThoseOfPlainLoops(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                Objective objective = Objective.adjacency(
                        device,
                        HostTensor.of(clusters, CLUSTERS, CODE),
                        new Regions(HostTensor.of(centers, CLASSES.length, CHANNELS), CLASSES))) {
            Tensor gradient = device.allocate(IMAGES, ROWS, COLUMNS, CODE);
            device.training().fill(gradient, 1);
            Objective.Losses losses = objective.run(
                    new Objective.Inputs(
                            device.upload(features, IMAGES, ROWS, COLUMNS, CHANNELS), null, null, null, null, null),
                    device.upload(code, IMAGES, ROWS, COLUMNS, CODE),
                    gradient,
                    Observer.NONE);
            double[] codes = Comparison.widened(code);
            double[] start = Comparison.widened(clusters);
            assertThat(losses.head()).isCloseTo(loss(codes, start), within(1e-5));
            assertThat(losses.terms()).containsOnlyKeys("regions");
            double[] expected = TrainingOracle.gradient(values -> loss(values, start), codes);
            for (int i = 0; i < expected.length; i++) {
                expected[i] += 1;
            }
            assertGradient("code", device.floats(gradient), expected);
            assertGradient(
                    "clusters",
                    device.floats(objective.clusters().gradient()),
                    TrainingOracle.gradient(values -> loss(codes, values), start));
        }
    }

    private double loss(double[] codes, double[] clusterRows) {
        double[] unitCodes = TrainingOracle.normalize(codes, CODE, 1e-12);
        double[] unitClusters = TrainingOracle.normalize(clusterRows, CODE, 1e-12);
        double sum = 0;
        for (int patch = 0; patch < PATCHES; patch++) {
            double[] logits = new double[CLUSTERS];
            for (int cluster = 0; cluster < CLUSTERS; cluster++) {
                for (int c = 0; c < CODE; c++) {
                    logits[cluster] += unitCodes[patch * CODE + c] * 10 * unitClusters[cluster * CODE + c];
                }
            }
            double exponentials = Arrays.stream(logits).map(Math::exp).sum();
            sum -= logits[nearestClass(patch)] - Math.log(exponentials);
        }
        return sum / PATCHES;
    }

    private int nearestClass(int patch) {
        int best = 0;
        double largest = Double.NEGATIVE_INFINITY;
        for (int center = 0; center < CLASSES.length; center++) {
            double product = 0;
            for (int c = 0; c < CHANNELS; c++) {
                product += (double) features[patch * CHANNELS + c] * centers[center * CHANNELS + c];
            }
            if (product > largest) {
                largest = product;
                best = center;
            }
        }
        return CLASSES[best];
    }
}
