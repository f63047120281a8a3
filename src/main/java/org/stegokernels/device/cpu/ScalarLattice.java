package org.stegokernels.device.cpu;

final class ScalarLattice implements LatticeLanes {}
