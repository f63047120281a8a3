package org.stegokernels.device;

/** How exactly a device computes. Sums are 32-bit floats in any case. */
public enum Precision {
    /** 32-bit floats. */
    FP32,
    /** Weights of linear layers, and what they are multiplied with, in 16 bits: half the memory, about three digits. */
    FP16,
    /** 32-bit floats, with arithmetic relaxed as the device's compiler sees fit: no infinities, no NaN, rounding of its own. */
    FAST
}
