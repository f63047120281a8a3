package org.stegokernels.device.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The Vector API form; the only way in, so that nothing of it is loaded where the module is missing. */
final class VectorLanes {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /** AVX2 has 16 registers, too few for sixteen sums and their operands; AVX-512 and NEON have 32. */
    static final boolean FEW_REGISTERS = SPECIES.vectorBitSize() == 256;

    private VectorLanes() {}

    static Lanes create() {
        String description = "Vector API, " + SPECIES.length() + " floats a vector";
        return new Lanes(
                "vector",
                description,
                SPECIES.length(),
                new VectorGemm(),
                new VectorAttention(),
                new VectorRows(),
                new VectorLattice(),
                new VectorTraining());
    }
}
