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
 * @param rows x is rounded and laid out, too, its rows padded to a multiple of these; 0 if it is read as it lies
 */
record LinearTiles(String file, String options, int columns, int steps, Precision precision, int rows) {
    /** Panels that so many output channels fill. */
    int panels(int outputs) {
        return (outputs + columns - 1) / columns;
    }

    /** Returns the name of the kernel that multiplies. */
    String kernel() {
        return !layRows() ? "linear" : precision == Precision.TF32 ? "linear_tf32" : "linear_matrix";
    }

    int weightBytes() {
        return precision == Precision.FP16 ? Short.BYTES : Float.BYTES;
    }

    /** Returns whether x is rounded and laid out, too. */
    boolean layRows() {
        return rows > 0;
    }

    int paddedRows(int count) {
        return (count + rows - 1) / rows * rows;
    }

    int paddedInputs(int inputs) {
        return (inputs + steps - 1) / steps * steps;
    }
}
