package org.stegokernels.device.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The Vector API form; the only way in, so that nothing of it is loaded where the module is missing. */
final class VectorLanes {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

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
                new VectorLattice());
    }
}
