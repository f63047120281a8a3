package org.stegokernels.device.cpu;

/**
 * The innermost loops of the CPU kernels, in one of two forms that compute the same thing: plain Java, or the Vector
 * API.
 *
 * @param name {@code scalar} or {@code vector}
 * @param description what runs, in words, with the reason if it is the slower form
 * @param width floats in a vector; the scalar form lays out its panels as if it had vectors of 8
 */
record Lanes(
        String name,
        String description,
        int width,
        GemmLanes gemm,
        AttentionLanes attention,
        RowLanes rows,
        LatticeLanes lattice,
        TrainingLanes training) {

    /** The Vector API if its module is there, else plain Java with the missing flag in its description. */
    static Lanes best() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return scalar("plain Java, many times slower: start java with --add-modules jdk.incubator.vector");
        }
        return VectorLanes.create();
    }

    static Lanes scalar(String description) {
        return new Lanes(
                "scalar",
                description,
                8,
                new ScalarGemm(),
                new ScalarAttention(),
                new ScalarRows(),
                new ScalarLattice(),
                new ScalarTraining());
    }
}
