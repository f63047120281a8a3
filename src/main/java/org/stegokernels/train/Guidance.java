package org.stegokernels.train;

import org.stegokernels.image.RgbImage;
import org.stegokernels.image.RgbImage.ImageTensor;

/** Small copies of images for the CRF loss. */
final class Guidance {
    private Guidance() {}

    /**
     * Resizes bilinearly without antialiasing (PyTorch's {@code interpolate}, align_corners false), normalised as for
     * the backbone.
     *
     * @param out {@code [B, side, side, 3]}
     * @param place which of the B
     */
    static void put(RgbImage image, int side, float[] out, int place) {
        int width = image.width();
        int height = image.height();
        float[] planes = new float[3 * width * height];
        ImageTensor.normalized(image, planes, 0);
        int to = place * side * side * 3;
        for (int row = 0; row < side; row++) {
            double y = Math.max(0, (row + 0.5) * height / side - 0.5);
            int top = Math.min((int) y, height - 1);
            int bottom = Math.min(top + 1, height - 1);
            for (int column = 0; column < side; column++) {
                double x = Math.max(0, (column + 0.5) * width / side - 0.5);
                int left = Math.min((int) x, width - 1);
                int right = Math.min(left + 1, width - 1);
                for (int c = 0; c < 3; c++) {
                    int plane = c * width * height;
                    double upper =
                            mix(planes[plane + top * width + left], planes[plane + top * width + right], x - left);
                    double lower = mix(
                            planes[plane + bottom * width + left], planes[plane + bottom * width + right], x - left);
                    out[to++] = (float) mix(upper, lower, y - top);
                }
            }
        }
    }

    private static double mix(double a, double b, double part) {
        return a + (b - a) * part;
    }
}
