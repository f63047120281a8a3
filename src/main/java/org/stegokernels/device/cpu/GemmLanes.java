package org.stegokernels.device.cpu;

/** Innermost loops of Gemm. */
interface GemmLanes {}
