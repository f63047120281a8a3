package org.stegokernels.device;

/** What a linear layer applies to its sums. */
public enum Activation {
    NONE(0),
    /** Exact GELU, {@code x/2 (1 + erf(x / sqrt 2))} (Hendrycks and Gimpel 2016), as DINO uses it. */
    GELU(1),
    RELU(2);

    private final int code;

    Activation(int code) {
        this.code = code;
    }

    /** The number by which kernels know it, on every device that launches them. */
    public int code() {
        return code;
    }
}
