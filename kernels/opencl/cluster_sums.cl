// sums[k] += points with label k, counts[k] += how many (half of a k-means step, Lloyd 1982).
//   points [N, C], labels [N] int32, sums [K, C], counts [K] int32
// Points are cut into chunks of a fixed size, each summed on its own and then added in order (sum.cl): no float atomics,
// the same bits in every run, and short sums that keep float accurate. Labels are checked before (indices.cl).

// Sums and counts of each chunk.
//   partials [chunks, K, C], zeroed; counts is added to by the items of the first column
//   global size: ceil(C / V), chunks; item (i, j) takes the channels i V to i V + V - 1 of chunk j
__kernel void sum_chunks(__global const float* points, __global const int* labels, int count, int channels,
                         int clusters, int chunk, int firstChunk, __global float* partials, __global int* counts) {
    int c = get_global_id(0) * V;
    int index = get_global_id(1);
    int from = (firstChunk + index) * chunk;
    int to = min(count, from + chunk);
    __global float* sums = partials + (size_t)index * clusters * channels;
    for (int i = from; i < to; i++) {
        __global const float* point = points + (size_t)i * channels;
        __global float* sum = sums + (size_t)labels[i] * channels;
        if (c + V <= channels) {
            STORE(LOAD(sum + c) + LOAD(point + c), sum + c);
        } else {
            for (int rest = c; rest < channels; rest++) {
                sum[rest] += point[rest];
            }
        }
        if (c == 0) {
            atomic_inc(counts + labels[i]);
        }
    }
}
