#include "kernels.h"

void fill(tensor out, double value) {
    for (size_t i = 0; i < elements(out); i++) out.f[i] = (float)value;
}
