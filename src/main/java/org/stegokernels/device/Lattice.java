package org.stegokernels.device;

/**
 * A permutohedral lattice over a set of points, on one device (Adams, Baek and Davis 2010). Memory is taken for a
 * number of points and dimensions and used again by each {@link Kernels#buildLattice}.
 */
public interface Lattice extends AutoCloseable {
    /** How many points it was allocated for. */
    int points();

    /** Dimension of a point's position, d. */
    int dims();

    /** Lattice points in use since the last build. */
    int vertices();

    /**
     * The {@link Device#monitor()} of the device that it is on.
     *
     * @throws IllegalStateException if it is closed
     */
    Object owner();

    @Override
    void close();
}
