// The parts of a patch embedding around its matrix product (linear.cl): the pixels of each patch gathered into a row, and
// the prefix tokens copied before each image's patches.

// rows[b P + p, (color patch + y) patch + x] = the pixel of patch p of image b, patches in rows from the top left.
//   image [B, colors, H, W], rows [B P, colors patch^2]; count = B P
// Launch: row kernel over rows (see common.cl).
__kernel void gather_patches(__global const float* image, int count, int colors, int height, int width, int patch,
                             __global float* rows) {
    int across = width / patch;
    int patches = across * (height / patch);
    int inputs = colors * patch * patch;
    FOR_ROWS(row, count) {
        int p = row % patches;
        __global const float* from = image + (size_t)(row / patches) * colors * height * width
                                     + (size_t)(p / across * patch) * width + p % across * patch;
        __global float* to = rows + (size_t)row * inputs;
        for (int i = LANE; i < inputs; i += LANES) {
            int color = i / (patch * patch);
            int y = i / patch % patch;
            to[i] = from[(size_t)(color * height + y) * width + i % patch];
        }
    }
}

// out[b, r] = prefix[r].
//   prefix [size / C, C], out [B, ...], images outSize floats apart
//   global size: size, B
__kernel void copy_prefix(__global const float* prefix, int size, int outSize, __global float* out) {
    int i = get_global_id(0);
    out[(size_t)get_global_id(1) * outSize + i] = prefix[i];
}
