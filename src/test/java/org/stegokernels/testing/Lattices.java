package org.stegokernels.testing;

import java.util.Random;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels.Lattice;

/** Lattices for tests, and points to build them over. */
public final class Lattices {
    private Lattices() {}

    /** Points uniform in a cube: {@code [count / dims, dims]} for whatever dims they are taken to have. */
    public static float[] uniform(long seed, int count, float side) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() * side;
        }
        return values;
    }

    /** @param positions {@code [points, dims]} */
    public static Lattice build(Device device, float[] positions, int dims) {
        int points = positions.length / dims;
        Lattice lattice = device.kernels().allocateLattice(points, dims);
        device.kernels().buildLattice(device.upload(positions, points, dims), lattice);
        return lattice;
    }
}
