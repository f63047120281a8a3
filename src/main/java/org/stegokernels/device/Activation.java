package org.stegokernels.device;

/** What a linear layer applies to its sums. */
public enum Activation {
    NONE,
    /** Exact GELU, {@code x/2 (1 + erf(x / sqrt 2))} (Hendrycks and Gimpel 2016), as DINO uses it. */
    GELU,
    RELU
}
