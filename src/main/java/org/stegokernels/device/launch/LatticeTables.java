package org.stegokernels.device.launch;

import org.stegokernels.device.Lattice;
import org.stegokernels.tensor.Tensor;

/**
 * A lattice as index tables in device memory, which {@code lattice_filter} reads; its building is the device's own. Norm and
 * gain of the filter are part of the weights.
 */
public interface LatticeTables extends Lattice {
    /** @param positions {@code [points, dims]} */
    void build(Tensor positions);

    /** Corners of a point's simplex, d + 1, and axes. */
    int corners();

    /** {@code [points, corners]} I32: the vertices. */
    Memory cornerVertices();

    /** {@code [points, corners]} F32: the weights of slicing. */
    Memory cornerWeights();

    /** {@code [vertices + 1]} I32: the first entry of each vertex. */
    Memory starts();

    /** {@code [points * corners]} I32: the points that splat, by vertex. */
    Memory splatPoints();

    /** {@code [points * corners]} F32: the weights of splatting, by vertex. */
    Memory splatWeights();

    /** {@code [corners, vertices, 2]} I32: the neighbours of each vertex along each axis; {@code vertices} where there is none. */
    Memory neighbours();
}
