package org.stegokernels.image.webp;

/** The inverse transforms of 4x4 coefficients in raster order (RFC 6386, section 14). */
final class InverseTransform {
    /** sqrt(2) cos(pi/8) - 1 and sqrt(2) sin(pi/8), in 65536ths. */
    private static final int COS = 20091;

    private static final int SIN = 35468;

    private InverseTransform() {}

    /**
     * Transforms by Walsh-Hadamard: turns the 16 coefficients of Y2 into the first coefficients of the 16 blocks of
     * luma.
     *
     * @param coefficients the blocks of luma, 16 coefficients each, and after them that of Y2
     */
    static void walshHadamard(short[] coefficients, int y2) {
        for (int i = y2; i < y2 + 4; i++) {
            int a = coefficients[i] + coefficients[i + 12];
            int b = coefficients[i + 4] + coefficients[i + 8];
            int c = coefficients[i + 4] - coefficients[i + 8];
            int d = coefficients[i] - coefficients[i + 12];
            coefficients[i] = (short) (a + b);
            coefficients[i + 4] = (short) (c + d);
            coefficients[i + 8] = (short) (a - b);
            coefficients[i + 12] = (short) (d - c);
        }
        for (int i = 0; i < 4; i++) {
            int from = y2 + 4 * i;
            int a = coefficients[from] + coefficients[from + 3] + 3;
            int b = coefficients[from + 1] + coefficients[from + 2];
            int c = coefficients[from + 1] - coefficients[from + 2];
            int d = coefficients[from] - coefficients[from + 3] + 3;
            int to = 64 * i;
            coefficients[to] = (short) (a + b >> 3);
            coefficients[to + 16] = (short) (c + d >> 3);
            coefficients[to + 32] = (short) (a - b >> 3);
            coefficients[to + 48] = (short) (d - c >> 3);
        }
    }

    /**
     * Transforms by cosines: adds the residue of 16 coefficients to a predicted block; the coefficients are used up.
     */
    static void addCosine(short[] coefficients, int first, byte[] pixels, int at, int stride) {
        for (int i = first; i < first + 4; i++) {
            int second = coefficients[i + 4];
            int fourth = coefficients[i + 12];
            int a = coefficients[i] + coefficients[i + 8];
            int b = coefficients[i] - coefficients[i + 8];
            int c = (second * SIN >> 16) - fourth - (fourth * COS >> 16);
            int d = second + (second * COS >> 16) + (fourth * SIN >> 16);
            coefficients[i] = (short) (a + d);
            coefficients[i + 4] = (short) (b + c);
            coefficients[i + 8] = (short) (b - c);
            coefficients[i + 12] = (short) (a - d);
        }
        int to = at;
        for (int i = first; i < first + 16; i += 4) {
            int second = coefficients[i + 1];
            int fourth = coefficients[i + 3];
            int a = coefficients[i] + coefficients[i + 2] + 4;
            int b = coefficients[i] - coefficients[i + 2] + 4;
            int c = (second * SIN >> 16) - fourth - (fourth * COS >> 16);
            int d = second + (second * COS >> 16) + (fourth * SIN >> 16);
            add(pixels, to, a + d >> 3);
            add(pixels, to + 1, b + c >> 3);
            add(pixels, to + 2, b - c >> 3);
            add(pixels, to + 3, a - d >> 3);
            to += stride;
        }
    }

    /** As {@link #addCosine} where all coefficients but the first are 0. */
    static void addConstant(int coefficient, byte[] pixels, int at, int stride) {
        int residue = coefficient + 4 >> 3;
        for (int y = 0; y < 4; y++) {
            int to = at + y * stride;
            add(pixels, to, residue);
            add(pixels, to + 1, residue);
            add(pixels, to + 2, residue);
            add(pixels, to + 3, residue);
        }
    }

    private static void add(byte[] pixels, int at, int residue) {
        int sum = (pixels[at] & 0xFF) + residue;
        pixels[at] = (byte) Math.max(0, Math.min(sum, 255));
    }
}
