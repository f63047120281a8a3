// The permutohedral lattice over N positions in DIMS dimensions (Adams, Baek and Davis 2010), as index tables: for each
// point the CORNERS = DIMS + 1 vertices of its simplex with their weights, for each vertex the points that splat into
// it, for each axis the two neighbours of each vertex. lattice_norm.cl makes its normalisation part of the weights.
//
// An entry is a corner of a point: entry e = point * CORNERS + corner. A vertex is named by a 64-bit key to which a step
// along an axis adds a constant. Vertices are numbered by the first entry that touches them, and a vertex's points are
// in rising order: atomics decide only who does the work, not what comes out, so that every run gives the same bits.
//
// Steps of a build, in this order:
//   bounds       -> host chooses the key's constants for the box
//   embed        keys and weights of all entries
//   insert       a hash table of the keys; slot of each entry; the slot ends up with its key's first entry
//   mark, scan   first entries numbered in order                            -> host reads the number of vertices
//   name, assign vertex of each entry, number of entries of each vertex
//   scan, fill, order   the entries of each vertex, rising
//   link         neighbours
//
// Launch: items of one dimension; each takes ITEMS of what is counted (points, entries, vertices), one after the other.

// On a face of a simplex, a fused multiply-add chooses other corners than the reference.
#pragma OPENCL FP_CONTRACT OFF

#define CORNERS (DIMS + 1)
#define EMPTY (-1)
#define FOR_ITEMS(i, count)                                                                                            \
    for (int i = get_global_id(0) * ITEMS, last_ = min((int)get_global_id(0) * ITEMS + ITEMS, count); i < last_; i++)

// Least and greatest coordinate of each dimension among an item's `share` points.
//   positions [N, DIMS], boxes [items, 2, DIMS]
__kernel void bounds(__global const float* positions, int points, int share, __global float* boxes) {
    int item = get_global_id(0);
    float low[DIMS];
    float high[DIMS];
    for (int i = 0; i < DIMS; i++) {
        low[i] = INFINITY;
        high[i] = -INFINITY;
    }
    bool finite = true;
    for (int p = item * share; p < min(points, (item + 1) * share); p++) {
        for (int i = 0; i < DIMS; i++) {
            float x = positions[(size_t)p * DIMS + i];
            finite = finite && isfinite(x);
            low[i] = fmin(low[i], x);
            high[i] = fmax(high[i], x);
        }
    }
    for (int i = 0; i < DIMS; i++) {
        boxes[(item * 2 + 0) * DIMS + i] = finite ? low[i] : NAN;
        boxes[(item * 2 + 1) * DIMS + i] = finite ? high[i] : NAN;
    }
}

// Keys and barycentric weights of the corners of each point's simplex.
//   scale [DIMS]: what a coordinate is multiplied by; steps [CORNERS]: what a step along an axis adds to a key; lowest
//   [DIMS]: the least coefficient, counted as 0; keys, weights [N, CORNERS]
__kernel void embed(__global const float* positions, int points, __global const float* scale,
                    __global const long* steps, __global const long* lowest, __global long* keys,
                    __global float* weights) {
    FOR_ITEMS(p, points) {
        float fraction[CORNERS];
        int cell[CORNERS];
        int rank[CORNERS];
        int axis[CORNERS];
        const float to_cells = 1.0f / CORNERS;

        // Onto the plane where the CORNERS coordinates sum to zero.
        float sum = 0;
        for (int i = DIMS; i > 0; i--) {
            float x = positions[(size_t)p * DIMS + i - 1] * scale[i - 1];
            fraction[i] = sum - i * x;
            sum += x;
        }
        fraction[0] = sum;

        // The nearest point of the lattice's first kind, and the order of the rests.
        int excess = 0;
        for (int i = 0; i < CORNERS; i++) {
            cell[i] = (int)floor(fraction[i] * to_cells + 0.5f);
            fraction[i] -= cell[i] * CORNERS;
            excess += cell[i];
            rank[i] = 0;
        }
        for (int i = 0; i < DIMS; i++) {
            for (int j = i + 1; j < CORNERS; j++) {
                if (fraction[i] < fraction[j]) {
                    rank[i]++;
                } else {
                    rank[j]++;
                }
            }
        }
        for (int i = 0; i < CORNERS; i++) {
            rank[i] += excess;
            if (rank[i] < 0) {
                rank[i] += CORNERS;
                cell[i]++;
                fraction[i] -= CORNERS;
            } else if (rank[i] > DIMS) {
                rank[i] -= CORNERS;
                cell[i]--;
                fraction[i] += CORNERS;
            }
        }

        // From corner to corner along the axes, in the order of the rests.
        for (int i = 0; i < CORNERS; i++) {
            axis[DIMS - rank[i]] = i;
        }
        long key = 0;
        for (int i = 0; i < DIMS; i++) {
            key += (cell[DIMS] - cell[i] - lowest[i]) * steps[i];
        }
        float before = fraction[axis[DIMS]] - CORNERS;
        for (int k = 0; k < CORNERS; k++) {
            float own = fraction[axis[k]];
            weights[(size_t)p * CORNERS + k] = (own - before) * to_cells;
            keys[(size_t)p * CORNERS + k] = key;
            key += steps[axis[k]];
            before = own;
        }
    }
}

// Open addressing, linear probing; mask is the table's size (a power of two) minus 1.
int home_slot(long key, int shift) {
    return (int)(((ulong)key * 0x9E3779B97F4A7C15UL) >> shift);
}

// Finds or makes the slot of each entry's key; a slot holds the least entry of its key when all are done.
//   slots [mask + 1], all EMPTY; slotOf [entries]; global size: ceil(points / ITEMS)
__kernel void insert(__global const long* keys, int points, int mask, int shift, volatile __global int* slots,
                     __global int* slotOf) {
    int before = get_global_id(0) * ITEMS;
    FOR_ITEMS(p, points) {
        for (int k = 0; k < CORNERS; k++) {
            int e = p * CORNERS + k;
            long key = keys[e];
            // Points that follow one another mostly share their corners, and the earlier entry is the lesser.
            if (p > before && keys[e - CORNERS] == key) {
                slotOf[e] = slotOf[e - CORNERS];
                continue;
            }
            int slot = home_slot(key, shift);
            while (true) {
                int owner = atomic_cmpxchg(slots + slot, EMPTY, e);
                if (owner == EMPTY) {
                    break;
                }
                if (keys[owner] == key) {
                    if (e < owner) {
                        atomic_min(slots + slot, e);
                    }
                    break;
                }
                slot = (slot + 1) & mask;
            }
            slotOf[e] = slot;
        }
    }
}

// flags[e] = 1 if entry e is the first of its vertex, else 0.
__kernel void mark(__global const int* slots, __global const int* slotOf, int entries, __global int* flags) {
    FOR_ITEMS(e, entries) {
        flags[e] = slots[slotOf[e]] == e;
    }
}

// Exclusive prefix sums of values [count], in three kernels: each item sums its ITEMS values; one item sums the sums,
// and puts the total after them; each item adds up again from what lies before it. ranks may be values.
//   sums [items + 1]
__kernel void scan_items(__global const int* values, int count, __global int* sums) {
    int sum = 0;
    FOR_ITEMS(i, count) {
        sum += values[i];
    }
    sums[get_global_id(0)] = sum;
}

// global size: 1
__kernel void scan_sums(__global int* sums, int items) {
    int sum = 0;
    for (int i = 0; i < items; i++) {
        int own = sums[i];
        sums[i] = sum;
        sum += own;
    }
    sums[items] = sum;
}

__kernel void scan_ranks(__global const int* values, int count, __global const int* sums, __global int* ranks) {
    int sum = sums[get_global_id(0)];
    FOR_ITEMS(i, count) {
        int own = values[i];
        ranks[i] = sum;
        sum += own;
    }
}

// From now on a slot holds the number of its vertex: vertexKeys [vertices], ranks [entries] of mark and scan.
__kernel void name(__global const int* ranks, __global const int* slotOf, __global const long* keys, int entries,
                   int vertices, __global int* slots, __global long* vertexKeys) {
    FOR_ITEMS(e, entries) {
        int number = ranks[e];
        if ((e + 1 < entries ? ranks[e + 1] : vertices) > number) {
            slots[slotOf[e]] = number;
            vertexKeys[number] = keys[e];
        }
    }
}

// vertices[e]: the vertex of entry e; sizes [vertices], zeroed: its entries are counted.
__kernel void assign(__global const int* slots, __global const int* slotOf, int entries, __global int* vertices,
                     __global int* sizes) {
    FOR_ITEMS(e, entries) {
        int vertex = slots[slotOf[e]];
        vertices[e] = vertex;
        atomic_inc(sizes + vertex);
    }
}

// Puts each entry somewhere among those of its vertex, sizes counting down to zero.
//   starts [vertices + 1], members [entries]
__kernel void fill(__global const int* vertices, int entries, __global const int* starts, __global int* sizes,
                   __global int* members) {
    FOR_ITEMS(e, entries) {
        int vertex = vertices[e];
        members[starts[vertex] + atomic_dec(sizes + vertex) - 1] = e;
    }
}

// Sorts the entries of each vertex (Shell 1959; gaps of Tokuda 1992): most lists are a handful, some may be long.
//   global size: ceil(vertices / ITEMS)
__kernel void order(__global const int* starts, int vertices, __global int* members) {
    const int gaps[] = {1147718, 510097, 226710, 100759, 44782, 19903, 8846, 3932, 1747, 776, 345, 153, 68, 30, 13, 4, 1};
    FOR_ITEMS(v, vertices) {
        __global int* list = members + starts[v];
        int count = starts[v + 1] - starts[v];
        for (int step = count < 32 ? 16 : 0; step < 17; step++) {
            int gap = gaps[step];
            for (int i = gap; i < count; i++) {
                int own = list[i];
                int at = i;
                for (; at >= gap && list[at - gap] > own; at -= gap) {
                    list[at] = list[at - gap];
                }
                list[at] = own;
            }
        }
    }
}

// neighbours[axis][2 v] and [2 v + 1]: the vertices one step before and after v; `vertices` where there is none, which
// they all hold beforehand.
//   global size: ceil(vertices / ITEMS), CORNERS
__kernel void link(__global const long* vertexKeys, int vertices, __global const int* slots, int mask, int shift,
                   __global const long* steps, __global int* neighbours) {
    int axis = get_global_id(1);
    long step = steps[axis];
    __global int* neighbour = neighbours + (size_t)axis * 2 * vertices;
    FOR_ITEMS(v, vertices) {
        long key = vertexKeys[v] + step;
        int slot = home_slot(key, shift);
        int after;
        while ((after = slots[slot]) != EMPTY && vertexKeys[after] != key) {
            slot = (slot + 1) & mask;
        }
        if (after != EMPTY) {
            neighbour[2 * v + 1] = after;
            neighbour[2 * after] = v;
        }
    }
}
