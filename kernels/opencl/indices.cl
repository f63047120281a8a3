// Holds indices against their bounds before a kernel goes by them.
//   values int32; of them those from `from` on, as many as there are items
// The first one that is not in 0..bound-1 comes into bad[0], which holds the number of all, counted from `from`.
//   global size: how many
__kernel void check_indices(__global const int* values, int from, int count, int bound, __global int* bad) {
    int i = get_global_id(0);
    if (i < count && (values[from + i] < 0 || values[from + i] >= bound)) {
        atomic_min(bad, i);
    }
}
