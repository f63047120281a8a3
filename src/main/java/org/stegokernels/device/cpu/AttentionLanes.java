package org.stegokernels.device.cpu;

/** Innermost loops of Attention. */
interface AttentionLanes {}
