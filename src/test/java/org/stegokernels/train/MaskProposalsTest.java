package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;

/** Mask proposals against plain loops in double precision with EJML's eigenvectors, and on images whose parts are known. */
class MaskProposalsTest {
    private static final MaskProposals.Settings PUBLISHED = MaskProposals.Settings.PUBLISHED;
    private static final int CHANNELS = 12;

    /** Features of parts that point in unlike directions, and of different strength, with noise. */
    private static float[] features(int[] partOf, long seed, double noise) {
        Random random = new Random(seed);
        double[][] parts = new double[8][CHANNELS];
        for (double[] part : parts) {
            for (int c = 0; c < CHANNELS; c++) {
                part[c] = random.nextGaussian();
            }
        }
        float[] features = new float[partOf.length * CHANNELS];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) (0.5 + parts[partOf[i / CHANNELS]][i % CHANNELS] + noise * random.nextGaussian());
        }
        return features;
    }

    /** The parts of a grid: stripes that become narrower. */
    private static int[] stripes(int height, int width, int... ends) {
        int[] partOf = new int[height * width];
        for (int i = 0; i < partOf.length; i++) {
            int part = 0;
            while (part < ends.length && i % width >= ends[part]) {
                part++;
            }
            partOf[i] = part;
        }
        return partOf;
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void matchesLoopsInDoublePrecision(Devices.Choice choice) {
        try (Device device = choice.open(new Device.Options(2, true));
                MaskProposals proposals = new MaskProposals(device, PUBLISHED)) {
            for (int seed = 0; seed < 5; seed++) {
                float[] features = features(stripes(7, 9, 4, 6, 8), seed, 0.4);
                List<double[]> expected = reference(features, 63);
                List<float[]> masks = proposals.masks(features, 63);
                assertThat(masks).hasSameSizeAs(expected);
                for (int i = 0; i < masks.size(); i++) {
                    double[] wide = new double[63];
                    for (int p = 0; p < 63; p++) {
                        wide[p] = masks.get(i)[p];
                    }
                    assertThat(wide).as("mask " + i + ", seed " + seed).containsExactly(expected.get(i), within(1e-5));
                }
            }
            device.checkGuards();
        }
    }

    private static List<double[]> reference(float[] features, int positions) {
        double[][] unit = new double[positions][CHANNELS];
        for (int i = 0; i < positions; i++) {
            double squares = 0;
            for (int c = 0; c < CHANNELS; c++) {
                squares += (double) features[i * CHANNELS + c] * features[i * CHANNELS + c];
            }
            for (int c = 0; c < CHANNELS; c++) {
                unit[i][c] = features[i * CHANNELS + c] / Math.sqrt(squares);
            }
        }
        List<Integer> left = new ArrayList<>();
        for (int i = 0; i < positions; i++) {
            left.add(i);
        }
        List<double[]> masks = new ArrayList<>();
        while (left.size() > positions * (1 - PUBLISHED.coverage())) {
            double[] direction = principal(features, left);
            int anchor = left.get(0);
            for (int i : left) {
                if (Math.abs(dot(unit[i], direction)) > Math.abs(dot(unit[anchor], direction))) {
                    anchor = i;
                }
            }
            double[] mask = new double[positions];
            for (int i : List.copyOf(left)) {
                double cosine = dot(unit[i], unit[anchor]);
                if (cosine >= PUBLISHED.threshold()) {
                    mask[i] = cosine;
                    left.remove(Integer.valueOf(i));
                }
            }
            masks.add(mask);
        }
        return masks;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int c = 0; c < a.length; c++) {
            sum += a[c] * b[c];
        }
        return sum;
    }

    private static double[] principal(float[] features, List<Integer> left) {
        DMatrixRMaj centered = new DMatrixRMaj(left.size(), CHANNELS);
        for (int c = 0; c < CHANNELS; c++) {
            double mean = 0;
            for (int i : left) {
                mean += features[i * CHANNELS + c] / (double) left.size();
            }
            for (int i = 0; i < left.size(); i++) {
                centered.set(i, c, features[left.get(i) * CHANNELS + c] - mean);
            }
        }
        DMatrixRMaj scatter = new DMatrixRMaj(CHANNELS, CHANNELS);
        CommonOps_DDRM.multInner(centered, scatter);
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(CHANNELS, true, true);
        assertThat(eigen.decompose(scatter)).isTrue();
        int largest = 0;
        for (int k = 1; k < CHANNELS; k++) {
            if (eigen.getEigenvalue(k).getReal() > eigen.getEigenvalue(largest).getReal()) {
                largest = k;
            }
        }
        return eigen.getEigenVector(largest).data;
    }

    /** An image of flat stripes whose borders are given in pixels. */
    private static RgbImage image(int side, int... ends) {
        int[] partOf = stripes(side, side, ends);
        byte[] rgb = new byte[3 * partOf.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (40 + 60 * partOf[i / 3] + 20 * (i % 3));
        }
        return new RgbImage(side, side, rgb);
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void eachPartOfAnImageIsOneMaskWhoseBordersAreTheImages(Devices.Choice choice) {
        try (Device device = choice.open(new Device.Options(2, true));
                MaskProposals proposals = new MaskProposals(device, PUBLISHED)) {
            // The borders of the patches are at 32 and 56 pixels, those in the image three pixels beside them.
            float[] features = features(stripes(10, 10, 4, 7), 3, 0.05);
            LabelMap masks = proposals.propose(features, 10, 10, image(80, 35, 53));
            int[] left = {masks.label(0, 0), masks.label(34, 40), masks.label(2, 79)};
            int[] middle = {masks.label(35, 1), masks.label(52, 40), masks.label(44, 79)};
            int[] right = {masks.label(53, 1), masks.label(79, 40), masks.label(60, 79)};
            assertThat(List.of(left[0], middle[0], right[0])).containsExactlyInAnyOrder(0, 1, 2);
            assertThat(left).containsOnly(left[0]);
            assertThat(middle).containsOnly(middle[0]);
            assertThat(right).containsOnly(right[0]);
            device.checkGuards();
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void featuresThatAreAllTheSameAreOneMask(Devices.Choice choice) {
        try (Device device = choice.open(new Device.Options(2, true));
                MaskProposals proposals = new MaskProposals(device, PUBLISHED)) {
            LabelMap masks = proposals.propose(features(new int[16], 1, 0), 4, 4, image(16));
            assertThat(masks.labels()).containsOnly(0);
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void whereNoTwoPositionsAreAlikeThereIsNoMask(Devices.Choice choice) {
        try (Device device = choice.open(new Device.Options(2, true));
                MaskProposals proposals = new MaskProposals(device, PUBLISHED)) {
            float[] features = new float[100 * 100];
            for (int i = 0; i < 100; i++) {
                features[i * 100 + i] = 1 + i;
            }
            LabelMap masks = proposals.propose(features, 10, 10, image(20));
            assertThat(masks.labels()).containsOnly((byte) MaskProposals.NONE);
        }
    }
}
