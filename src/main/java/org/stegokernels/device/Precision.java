package org.stegokernels.device;

/** In what a device keeps the weights of linear layers and multiplies them. Sums are 32-bit floats in any case. */
public enum Precision {
    /** 32-bit floats. */
    FP32,
    /** 16-bit floats: half the memory, about three decimal digits. */
    FP16
}
