package org.stegokernels.device.opencl;

/**
 * The layout of the weights of linear layers.
 *
 * @param file the kernels' file, without its ending
 * @param options the macros of the kernel that packs them
 * @param columns output channels in a panel of weights
 * @param steps panels are zero past the inputs up to a multiple of these
 * @param half whether weights are in 16 bits
 */
record LinearTiles(String file, String options, int columns, int steps, boolean half) {
    /** Panels that so many output channels fill. */
    int panels(int outputs) {
        return (outputs + columns - 1) / columns;
    }

    int weightBytes() {
        return half ? Short.BYTES : Float.BYTES;
    }

    int paddedInputs(int inputs) {
        return (inputs + steps - 1) / steps * steps;
    }
}
