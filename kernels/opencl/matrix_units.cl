// Matrix units: a warp of 32 work items multiplies tiles of 16-bit or TF32 floats and adds them up in 32 bits. In front of
// linear_matrix.cl and attention_matrix.cl, which say how many warps a work group has: WARPS, items of one dimension;
// chunks.cl comes before.
//
// MATRIX 1: NVIDIA, compute capability 8.0 or newer: one instruction of PTX in each of the functions below.
// MATRIX 2: the same in plain OpenCL C, item for item, through local memory and barriers: slow, for tests on devices
//   that have no such units. All items of a work group have to come by.
//
// Copies to local memory run beside the computing: between start_copy and finish_copy what a place holds is undefined. The
// emulation destroys it at the start and copies at the end, so that a place that is filled too early, or read before
// its copy was waited for, shows.
//
// Fragments (PTX ISA, "Matrix Fragments for mma.m16n8k16 with floating point type", "for mma.m16n8k8"). Lane l of a warp
// has g = l / 4 and t = l % 4. In 16 bits a word is two steps, the first in the lower half:
//   a, 16 rows x 16 steps: words (row g, steps 2t 2t+1), (g + 8, 2t 2t+1), (g, 2t+8 2t+9), (g + 8, 2t+8 2t+9)
//   b, 16 steps x 8 columns: words (steps 2t 2t+1, column g), (2t+8 2t+9, g)
// In TF32 it is one step:
//   a, 16 rows x 8 steps: words (row g, step t), (g + 8, t), (g, t + 4), (g + 8, t + 4)
//   b, 8 steps x 8 columns: words (step t, column g), (t + 4, g)
// In both:
//   sums, 16 rows x 8 columns: (row g, columns 2t 2t+1), (g + 8, 2t 2t+1)
//
// Operands lie in local memory as tiles [rows][STEPS]: 64 bytes of a row, four chunks, which are two products' steps. Where
// lanes take a whole chunk of a row at once, number t, it holds the words of both products that they need: what is
// multiplied there was laid out so before (WORD_PLACE), or both operands are taken alike, which a sum does not care about.
// Eight lanes read 128 bytes in a row, which no two banks share. Left operands that lie as they are in memory are loaded
// by ldmatrix (load_a); their chunks take turns from row to row (SWIZZLE), so that eight rows' are in different banks.

#define WARP 32
#define WARP_OF (ITEM / WARP)
#define G (ITEM % WARP / 4)
#define T (ITEM % 4)
// The place among the 16 words of a row of that which is the t-th (word % 4) in a fragment: lane t's are a chunk.
#define WORD_PLACE(word) ((word) % 4 * 4 + (word) / 4)

#if MATRIX == 1

#define EXCHANGE(name)
#define MMA(a, b, sums, exchange) multiply(a, b, sums)
#define SHUFFLE_XOR(x, mask, exchange) shuffle_xor(x, mask)

#if TF32 == 1
#define MMA_ "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
#else
#define MMA_ "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
#endif

// sums + a b.
float4 multiply(uint4 a, uint2 b, float4 sums) {
    float d0, d1, d2, d3;
    asm volatile(MMA_
                 "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};"
                 : "=f"(d0), "=f"(d1), "=f"(d2), "=f"(d3)
                 : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b.x), "r"(b.y), "f"(sums.x), "f"(sums.y), "f"(sums.z),
                   "f"(sums.w));
    return (float4)(d0, d1, d2, d3);
}

// Begins to copy a chunk; end_group ends the group of those that were begun since the last one.
void start_copy(__local uint4* to, __global const uint4* from) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"((uint)(size_t)to), "l"(from) : "memory");
}

// The same where a chunk is `there`; elsewhere zeros, and nothing is read.
void start_copy_if(bool there, __local uint4* to, __global const uint4* from) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"((uint)(size_t)to), "l"(from), "r"(there ? 16 : 0)
                 : "memory");
}

void end_group() {
    asm volatile("cp.async.commit_group;" ::: "memory");
}

// Waits for this item's copies, but for those of the last `LATER` groups; others' are there after a barrier.
#define WAIT_FOR_GROUPS(LATER) asm volatile("cp.async.wait_group " #LATER ";" ::: "memory")

#define FINISH_COPY(to, from)
#define FINISH_COPY_IF(there, to, from)

// The left operand of product `half_` of a slice: 16 rows of a tile with swizzled chunks.
uint4 load_a(__local const uint4* rows, int half_) {
    int row = ITEM % 16;
    __local const uint4* from = rows + row * CHUNKS + SWIZZLE(row, 2 * half_ + ITEM % WARP / 16);
    uint4 a;
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(a.x), "=r"(a.y), "=r"(a.z), "=r"(a.w)
                 : "r"((uint)(size_t)from)
                 : "memory");
    return a;
}

// 2^x by the hardware; what is too small for a normal float is zero.
float exp2_one(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

// The x of the lane whose number differs in the bits of mask.
float shuffle_xor(float x, int mask) {
    float other;
    asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 0x1f, 0xffffffff;" : "=f"(other) : "f"(x), "r"(mask));
    return other;
}

#else

// Six words an item: its part of a and b.
#define EXCHANGE(name) __local uint name[WARPS * WARP * 6]
#define MMA(a, b, sums, exchange) multiply(a, b, sums, exchange)
#define SHUFFLE_XOR(x, mask, exchange) shuffle_xor(x, mask, exchange)

#if TF32 == 1
// The steps of a product; who has a step, and in which word; its value there.
#define PRODUCT 8
#define STEP_LANE(step) ((step) % 4)
#define STEP_WORD(step) ((step) / 4)
#define STEP_VALUE(word, step) as_float(word)
#else
#define PRODUCT 16
#define STEP_LANE(step) ((step) % 8 / 2)
#define STEP_WORD(step) ((step) / 8)
#define STEP_VALUE(word, step) half_of(word, (step) % 2)
#endif

float4 multiply(uint4 a, uint2 b, float4 sums, __local uint* exchange) {
    __local uint* own = exchange + ITEM * 6;
    barrier(CLK_LOCAL_MEM_FENCE);
    own[0] = a.x;
    own[1] = a.y;
    own[2] = a.z;
    own[3] = a.w;
    own[4] = b.x;
    own[5] = b.y;
    barrier(CLK_LOCAL_MEM_FENCE);
    float results[4] = {sums.x, sums.y, sums.z, sums.w};
    for (int i = 0; i < 4; i++) {
        int row = G + i / 2 * 8;
        int column = T * 2 + i % 2;
        for (int step = 0; step < PRODUCT; step++) {
            int t = STEP_LANE(step);
            uint wordA = exchange[(WARP_OF * WARP + row % 8 * 4 + t) * 6 + STEP_WORD(step) * 2 + row / 8];
            uint wordB = exchange[(WARP_OF * WARP + column * 4 + t) * 6 + 4 + STEP_WORD(step)];
            results[i] = fma(STEP_VALUE(wordA, step), STEP_VALUE(wordB, step), results[i]);
        }
    }
    return (float4)(results[0], results[1], results[2], results[3]);
}

void start_copy(__local uint4* to, __global const uint4* from) {
    *to = (uint4)(0x7fff7fff);
}

void start_copy_if(bool there, __local uint4* to, __global const uint4* from) {
    start_copy(to, from);
}

void end_group() {}

#define WAIT_FOR_GROUPS(LATER)
#define FINISH_COPY(to, from) (*(to) = *(from))
#define FINISH_COPY_IF(there, to, from) (*(to) = (there) ? *(from) : 0)

uint4 load_a(__local const uint4* rows, int half_) {
    uint words[4];
    for (int i = 0; i < 4; i++) {
        int row = G + i % 2 * 8;
        words[i] = ((__local const uint*)(rows + row * CHUNKS + SWIZZLE(row, 2 * half_ + i / 2)))[T];
    }
    return vload4(0, words);
}

float exp2_one(float x) {
    return native_exp2(x);
}

float shuffle_xor(float x, int mask, __local uint* exchange) {
    barrier(CLK_LOCAL_MEM_FENCE);
    exchange[ITEM] = as_uint(x);
    barrier(CLK_LOCAL_MEM_FENCE);
    return as_float(exchange[ITEM ^ mask]);
}

#endif

// The sums of products of eight columns as the left operand of another: in TF32 of one, whose columns 2t and 2t + 1 are steps
// t and t + 4; in 16 bits of two.
uint4 sums_as_a(const float4* sums) {
#if TF32 == 1
    return pack_chunk(sums[0].xzyw);
#else
    return pack_chunk((floatC)(sums[0], sums[1]));
#endif
}

// Two activations, where rows have an even number.
#if HALVES == 1
#define STORE_PAIR(pair, p) (*(__global uint*)(p) = pack_halves((pair).x, (pair).y))
#else
#define STORE_PAIR(pair, p) (*(__global float2*)(p) = (pair))
#endif

// The fragments of 16 rows of a tile, from two lanes' chunks: those of row g and of row g + 8.
#define FIRST_A(low, high) (uint4)(low.x, high.x, low.y, high.y)
#define SECOND_A(low, high) (uint4)(low.z, high.z, low.w, high.w)
