#include "kernels.h"
#include <math.h>

/* The weight of a tap at a distance of d pixels; a = -0.75. */
static double cubic(double d) {
    const double a = -0.75;
    d = fabs(d);
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

static int inside(int i, int size) { return i < 0 ? 0 : i >= size ? size - 1 : i; }

/* [B, h, w, C] to [B, H, W, C]; the source coordinate is (i + 0.5) / scale - 0.5, taps outside repeat the border. */
void bicubic(tensor x, double scale_y, double scale_x, tensor out) {
    int h = x.dim[1], w = x.dim[2], c = x.dim[3];
    float *to = out.f;
    for (int b = 0; b < out.dim[0]; b++) {
        for (int i = 0; i < out.dim[1]; i++) {
            double y = (i + 0.5) / scale_y - 0.5;
            for (int j = 0; j < out.dim[2]; j++) {
                double column = (j + 0.5) / scale_x - 0.5;
                for (int k = 0; k < c; k++) {
                    double sum = 0;
                    for (int m = -1; m <= 2; m++) {
                        for (int n = -1; n <= 2; n++) {
                            int row = (int)floor(y) + m, col = (int)floor(column) + n;
                            sum += cubic(y - row) * cubic(column - col)
                                * x.f[(((size_t)b * h + inside(row, h)) * w + inside(col, w)) * c + k];
                        }
                    }
                    *to++ = (float)sum;
                }
            }
        }
    }
}
