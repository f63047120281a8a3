package org.stegokernels.verify;

import java.util.Arrays;

/**
 * Positions for a permutohedral lattice. Most are drawn well inside the lattice's simplices: on a face the two sides are equally
 * right, and rounding may choose either.
 */
final class LatticePoints {
    /** Smallest barycentric weight of a position. */
    private static final double INSIDE = 0.03;

    private LatticePoints() {}

    /** Returns {@code [points, dims]}: few enough simplices for points to meet, wide enough for some to stay alone. */
    static float[] inside(Draw draw, int points, int dims) {
        return inside(draw, points, dims, dims < 3 ? 6 : 1);
    }

    /** @param reach how many simplices the positions are away from 0 at most; 0 for all in neighbouring ones */
    static float[] inside(Draw draw, int points, int dims, int reach) {
        float[] positions = new float[points * dims];
        for (int p = 0; p < points; p++) {
            double[] position = position(draw, reach, shares(draw, dims + 1));
            for (int i = 0; i < dims; i++) {
                positions[p * dims + i] = (float) position[i];
            }
        }
        return positions;
    }

    /** Returns weights of which none is small. */
    private static double[] shares(Draw draw, int size) {
        double[] shares = new double[size];
        for (int k = 0; k < size; k++) {
            shares[k] = draw.between(0.0, 1.0);
        }
        double total = Arrays.stream(shares).sum();
        return Arrays.stream(shares)
                .map(share -> INSIDE + (1 - size * INSIDE) * share / total)
                .toArray();
    }

    /** Returns the positions of an image's pixels: column, row and up to three colours of 0 to 255, by the CRF's deviations. */
    static float[] pixels(Draw draw, int height, int width, int dims) {
        float[] positions = new float[height * width * dims];
        for (int p = 0; p < height * width; p++) {
            for (int i = 0; i < dims; i++) {
                float value = i == 0 ? p % width : i == 1 ? p / width : draw.between(0, 255);
                positions[p * dims + i] = value / (i < 2 ? dims < 3 ? 1 : 67 : 3);
            }
        }
        return positions;
    }

    /**
     * Returns the positions of a photograph's pixels: its colours change slowly, so the vertices hang together.
     *
     * @param dims 2 for column and row alone, 5 with colours
     */
    static float[] photograph(Draw draw, int height, int width, int dims) {
        float[] positions = pixels(draw, height, width, dims);
        for (int p = 0; p < height * width; p++) {
            for (int i = 2; i < dims; i++) {
                double waves = Math.sin(p % width * 0.05 * i) + Math.cos(p / width * 0.21 / i);
                positions[p * dims + i] = (float) Math.rint(128 + 60 * waves) / 3;
            }
        }
        return positions;
    }

    /** Returns positions on faces of simplices: some of each one's weights are 0 but for rounding. */
    static float[] onFaces(Draw draw, int points, int dims, int reach) {
        float[] positions = new float[points * dims];
        for (int p = 0; p < points; p++) {
            double[] shares = new double[dims + 1];
            for (int k = 0; k < dims; k++) {
                shares[k] = draw.coin() ? draw.between(0.0, 1.0) : 0;
            }
            shares[draw.between(0, dims)] += 0.5;
            double[] position = position(draw, reach, shares);
            for (int i = 0; i < dims; i++) {
                positions[p * dims + i] = (float) position[i];
            }
        }
        return positions;
    }

    /**
     * Returns a position in a simplex around one of the vertices whose coordinates are multiples of d + 1 (Adams, Baek
     * and Davis
     * 2010, section 3): corner k of the simplex is k up from the vertex in d + 1 - k coordinates, and k - (d + 1) in the
     * others.
     *
     * @param reach how many multiples of d + 1 a coordinate of the vertex may be away from 0
     * @param shares the barycentric weights, but for a factor
     */
    private static double[] position(Draw draw, int reach, double[] shares) {
        int size = shares.length;
        int dims = size - 1;
        double[] elevated = new double[size];
        for (int i = 0; i < dims; i++) {
            int multiple = draw.between(-reach, reach) * size;
            elevated[i] += multiple;
            elevated[dims] -= multiple;
        }
        double total = Arrays.stream(shares).sum();
        int[] order = draw.permutation(size);
        for (int k = 0; k < size; k++) {
            double weight = shares[k] / total;
            for (int i = 0; i < size; i++) {
                elevated[order[i]] += weight * (i < size - k ? k : k - size);
            }
        }
        return lowered(elevated);
    }

    /** Maps the plane of the lattice back to d dimensions, in standard deviations. */
    private static double[] lowered(double[] elevated) {
        int dims = elevated.length - 1;
        double stretch = Math.sqrt(2.0 / 3) * (dims + 1);
        double[] position = new double[dims];
        double above = 0;
        for (int i = dims - 1; i >= 0; i--) {
            double x = (above - elevated[i + 1]) / (i + 1);
            position[i] = x * Math.sqrt((i + 1.0) * (i + 2.0)) / stretch;
            above += x;
        }
        return position;
    }
}
