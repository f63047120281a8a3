package org.stegokernels.device.cpu;

/** Innermost loops of Row. */
interface RowLanes {}
