package org.stegokernels.device.opencl;

import org.stegokernels.device.Device.Precision;

/**
 * The layout of the operands of linear layers.
 *
 * @param file the kernels' file, without its ending
 * @param options the macros of the kernel that packs them
 * @param columns output channels in a panel of weights
 * @param steps panels are zero past the inputs up to a multiple of these
 * @param precision of the weights
 * @param rounded whether x is in their precision, too, in rows of whole chunks
 */
record LinearTiles(String file, String options, int columns, int steps, Precision precision, boolean rounded) {
    /** Panels that so many output channels fill. */
    int panels(int outputs) {
        return (outputs + columns - 1) / columns;
    }

    /** Returns the name of the kernel that multiplies. */
    String kernel() {
        return !rounded ? "linear" : precision == Precision.TF32 ? "linear_tf32" : "linear_matrix";
    }

    int weightBytes() {
        return precision == Precision.FP16 ? Short.BYTES : Float.BYTES;
    }

    /** Returns the chunks of 16 bytes that hold a row of x. */
    int rowChunks(int inputs) {
        return (inputs * weightBytes() + MatrixTiles.CHUNK_BYTES - 1) / MatrixTiles.CHUNK_BYTES;
    }

    int paddedInputs(int inputs) {
        return (inputs + steps - 1) / steps * steps;
    }
}
