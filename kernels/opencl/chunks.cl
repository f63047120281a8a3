// Chunks of 16 bytes, of which the tiles of matrix units consist, in front of all kernels for such.
//
// TF32 1: words are 32-bit floats of which the units take the first 10 bits after the point; else two 16-bit floats.
// MATRIX 1: NVIDIA, 2: the same units in plain OpenCL C, 3: AMD, 4: those in plain OpenCL C.

#define ITEM ((int)get_local_id(0))
#if MATRIX % 2 == 1
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("nounroll")
#endif

// Chunks in a row of a tile, steps in a chunk, and in a row.
#define CHUNKS 4
#if TF32 == 1
#define CHUNK 4
#else
#define CHUNK 8
#endif
#define STEPS (CHUNKS * CHUNK)
typedef JOIN(float, CHUNK) floatC;
// The place of a chunk in its row.
#define SWIZZLE(row, chunk) ((chunk) ^ (row) / 2 % 4)

#if MATRIX == 1

// Two floats as the 16-bit floats of a word, to the nearest.
uint pack_halves(float first, float second) {
    uint word;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(second), "f"(first));
    return word;
}

// A 32-bit float as a word of TF32, to the nearest; not a number stays so.
uint pack_tf32(float x) {
    uint word;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(word) : "f"(x));
    return word;
}

#else

uint pack_halves(float first, float second) {
    ushort bits[2];
    vstore_half(first, 0, (half*)bits);
    vstore_half(second, 1, (half*)bits);
    return bits[0] | (uint)bits[1] << 16;
}

uint pack_tf32(float x) {
    return as_uint(ten_bits(x));
}

float half_of(uint word, int which) {
    ushort bits = which == 0 ? word & 0xffff : word >> 16;
    return vload_half(0, (half*)&bits);
}

#endif

// Chunk `chunk` of a row of `length` activations; zeros past its end, and everywhere if the row is not `there`. Rows whose
// length is a multiple of four floats start on 16 bytes.
floatC load_chunk(__global const activation_t* row, int chunk, int length, bool there) {
    int at = chunk * CHUNK;
    float x[CHUNK];
#if HALVES == 0
    if (there && at + CHUNK <= length && length % 4 == 0) {
        UNROLL for (int i = 0; i < CHUNK; i += 4) {
            vstore4(*(__global const float4*)(row + at + i), 0, x + i);
        }
        return JOIN(vload, CHUNK)(0, x);
    }
#endif
    UNROLL for (int i = 0; i < CHUNK; i++) {
        x[i] = there && at + i < length ? LOAD_ACTIVATION(row + at + i) : 0;
    }
    return JOIN(vload, CHUNK)(0, x);
}

// Rounds a chunk.
uint4 pack_chunk(floatC x) {
#if TF32 == 1
    return (uint4)(pack_tf32(x.s0), pack_tf32(x.s1), pack_tf32(x.s2), pack_tf32(x.s3));
#else
    return (uint4)(pack_halves(x.s0, x.s1), pack_halves(x.s2, x.s3), pack_halves(x.s4, x.s5), pack_halves(x.s6, x.s7));
#endif
}

// A chunk of a row as it lies in a tile.
uint4 round_chunk(__global const activation_t* row, int chunk, int length, bool there) {
#if HALVES == 1
    if (there && (chunk + 1) * CHUNK <= length && length % CHUNK == 0) {
        return ((__global const uint4*)row)[chunk];
    }
#endif
    return pack_chunk(load_chunk(row, chunk, length, there));
}
