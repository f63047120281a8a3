#include "kernels.h"
#include <math.h>

/* The index of the largest channel, the first one on a tie. NaN is passed over; 0 if there is nothing else.
 * x [..., C], out [...] integers. */
void argmax(tensor x, tensor out) {
    int n = channels(x);
    for (int r = 0; r < rows(x); r++) {
        const float *row = x.f + (size_t)r * n;
        int best = 0;
        for (int c = 1; c < n; c++) {
            if (row[c] > row[best] || (isnan(row[best]) && !isnan(row[c]))) best = c;
        }
        out.i[r] = best;
    }
}
