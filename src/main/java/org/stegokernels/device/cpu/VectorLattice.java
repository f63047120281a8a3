package org.stegokernels.device.cpu;

final class VectorLattice implements LatticeLanes {}
