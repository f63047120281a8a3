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
import org.stegokernels.train.loss.Objective.Smoothness;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.TrainingOracle;

/** The smoothness energy and the student's loss against plain loops in double precision, their gradients against differences. */
class SmooSegObjectiveTest {
    private static final int PAIRED = 3;
    private static final int IMAGES = 2 * PAIRED;
    private static final int ROWS = 2;
    private static final int COLUMNS = 3;
    private static final int PATCHES = ROWS * COLUMNS;
    private static final int CHANNELS = 7;
    private static final int CODE = 5;
    private static final int CLUSTERS = 4;
    private static final int[] DRAWN = {2, 0, 1};
    private static final Smoothness SETTINGS = new Smoothness(0.3, 0.9, true, -0.02, 0.4);

    private final float[] features = ThreadCounts.normal(1, IMAGES * PATCHES * CHANNELS, 0.3, 1);
    private final float[] mask = mask();
    private final float[] code = ThreadCounts.normal(2, IMAGES * PATCHES * CODE, 0, 1);
    private final float[] clusters = ThreadCounts.normal(3, CLUSTERS * CODE, 0, 2);

    private static float[] mask() {
        float[] mask = new float[IMAGES * CHANNELS];
        Arrays.fill(mask, 1.25f);
        for (int i = 0; i < mask.length; i += 5) {
            mask[i] = 0;
        }
        return mask;
    }

    /** An objective that has computed the losses and gradients of a step. */
    private final class Step implements AutoCloseable {
        final Device device;
        final Objective objective;
        final Objective.Losses losses;
        final float[] gradCode;

        Step(Devices.Choice choice, Smoothness settings) {
            device = TestDevices.open(choice);
            objective = Objective.smooseg(device, HostTensor.of(clusters, CLUSTERS, CODE), settings);
            float[] coords = new float[PAIRED * 2];
            CorrespondenceLoss.Pairs pairs = new CorrespondenceLoss.Pairs(1, coords, coords, new int[][] {DRAWN});
            Tensor gradient = device.allocate(IMAGES, ROWS, COLUMNS, CODE);
            device.training().fill(gradient, 1);
            losses = objective.run(
                    new Objective.Inputs(
                            device.upload(features, IMAGES, ROWS, COLUMNS, CHANNELS), null, mask, pairs, null, null),
                    device.upload(code, IMAGES, ROWS, COLUMNS, CODE),
                    gradient,
                    Observer.NONE);
            gradCode = device.floats(gradient);
        }

        @Override
        public void close() {
            objective.close();
            device.close();
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void energyAndItsGradientAreThoseOfPlainLoops(Devices.Choice choice) {
        for (Smoothness settings : new Smoothness[] {SETTINGS, new Smoothness(0.1, 0.9, false, 0.1, 0.5)}) {
            double[] at = Comparison.widened(code);
            double[] expected =
                    TrainingOracle.gradient(values -> energy(values, settings, 0) + energy(values, settings, 1), at);
            for (int i = 0; i < expected.length; i++) {
                expected[i] += 1;
            }
            try (Step step = new Step(choice, settings)) {
                assertThat(step.losses.terms().get("within")).isCloseTo(energy(at, settings, 0), within(1e-5));
                assertThat(step.losses.terms().get("across")).isCloseTo(energy(at, settings, 1), within(1e-5));
                assertThat(step.losses.head())
                        .isCloseTo(energy(at, settings, 0) + energy(at, settings, 1), within(2e-5));
                assertGradient("code", step.gradCode, expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void theStudentLearnsTheTeachersAssignment(Devices.Choice choice) {
        double[] start = TrainingOracle.normalize(Comparison.widened(clusters), CODE, 1e-12);
        try (Step step = new Step(choice, SETTINGS)) {
            assertThat(step.losses.cluster()).isCloseTo(crossEntropy(start, start), within(1e-5));
            assertGradient(
                    "student",
                    step.device.floats(step.objective.clusterParameters().get(0).gradient()),
                    TrainingOracle.gradient(student -> crossEntropy(student, start), start));
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void theTeacherFollowsAsARunningMean(Devices.Choice choice) {
        try (Step step = new Step(choice, SETTINGS)) {
            float[] before = step.objective.clusters().host().values();
            float[] moved = ThreadCounts.normal(8, CLUSTERS * CODE, 0, 1);
            step.device.write(moved, step.objective.clusterParameters().get(0).value());
            step.objective.moved();
            float[] after = step.objective.clusters().host().values();
            for (int i = 0; i < after.length; i++) {
                assertThat(after[i]).isCloseTo(0.9f * before[i] + 0.1f * moved[i], within(1e-6f));
            }
            step.objective.start(clusters);
            assertThat(step.objective.clusters().host().values()).isEqualTo(before);
        }
    }

    /**
     * Returns the energy within images, or across each and the one that is drawn for it, in plain loops.
     *
     * @param term 0: within; 1: across
     */
    private double energy(double[] codes, Smoothness settings, int term) {
        double[] cosines = cosines(codes, TrainingOracle.normalize(Comparison.widened(clusters), CODE, 1e-12));
        double[] assigned = TrainingOracle.normalize(
                TrainingOracle.softmax(cosines, CLUSTERS, 1 / settings.temperature()), CLUSTERS, 1e-10);
        double[] masked = Comparison.widened(features);
        for (int i = 0; i < masked.length; i++) {
            masked[i] *= mask[i / (PATCHES * CHANNELS) * CHANNELS + i % CHANNELS];
        }
        double[] unit = TrainingOracle.normalize(masked, CHANNELS, 1e-10);
        double[][][] weights = new double[IMAGES][PATCHES][PATCHES];
        double mean = 0;
        for (int image = 0; image < IMAGES; image++) {
            for (int p = 0; p < PATCHES; p++) {
                for (int q = 0; q < PATCHES; q++) {
                    weights[image][p][q] = dot(unit, image, p, other(image, term), q, CHANNELS);
                    mean += weights[image][p][q] / (IMAGES * PATCHES * PATCHES);
                }
            }
        }
        double sum = 0;
        for (int image = 0; image < IMAGES; image++) {
            for (int p = 0; p < PATCHES; p++) {
                double centre = settings.pointwise()
                        ? Arrays.stream(weights[image][p]).average().orElseThrow() - mean
                        : 0;
                for (int q = 0; q < PATCHES; q++) {
                    double shift = term == 0 ? settings.within() : settings.across();
                    sum -= (weights[image][p][q] - centre - shift)
                            * dot(assigned, image, p, other(image, term), q, CLUSTERS);
                }
            }
        }
        return sum / (IMAGES * PATCHES * PATCHES);
    }

    private static int other(int image, int term) {
        return term == 0 ? image : image / PAIRED * PAIRED + DRAWN[image % PAIRED];
    }

    private static double dot(double[] rows, int image, int p, int other, int q, int channels) {
        double sum = 0;
        for (int c = 0; c < channels; c++) {
            sum += rows[(image * PATCHES + p) * channels + c] * rows[(other * PATCHES + q) * channels + c];
        }
        return sum;
    }

    private double[] cosines(double[] codes, double[] unitClusters) {
        double[] unit = TrainingOracle.normalize(codes, CODE, 1e-12);
        double[] cosines = new double[IMAGES * PATCHES * CLUSTERS];
        for (int i = 0; i < cosines.length; i++) {
            for (int c = 0; c < CODE; c++) {
                cosines[i] += unit[i / CLUSTERS * CODE + c] * unitClusters[i % CLUSTERS * CODE + c];
            }
        }
        return cosines;
    }

    /** Returns the mean cross-entropy of the student's cosines with the nearest of the teacher's clusters. */
    private double crossEntropy(double[] student, double[] unitTeacher) {
        double[] codes = Comparison.widened(code);
        double[] wanted = cosines(codes, unitTeacher);
        double[] probabilities =
                TrainingOracle.softmax(cosines(codes, TrainingOracle.normalize(student, CODE, 1e-12)), CLUSTERS, 1);
        double sum = 0;
        for (int row = 0; row < wanted.length; row += CLUSTERS) {
            int best = 0;
            for (int cluster = 1; cluster < CLUSTERS; cluster++) {
                best = wanted[row + cluster] > wanted[row + best] ? cluster : best;
            }
            sum -= Math.log(probabilities[row + best]);
        }
        return sum / (IMAGES * PATCHES);
    }
}
