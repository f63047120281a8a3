package org.stegokernels.device.cpu;

/** Innermost loops of Lattice. */
interface LatticeLanes {}
