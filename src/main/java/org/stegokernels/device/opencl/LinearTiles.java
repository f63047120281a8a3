package org.stegokernels.device.opencl;

/**
 * The tiles of linear layers, which are also the layout of their weights.
 *
 * @param file the kernels' file, without its ending
 * @param options its macros
 * @param columns output channels in a panel of weights
 * @param steps panels are zero past the inputs up to a multiple of these
 * @param weightBytes of a weight
 * @param rows that a work group takes; 0 if that depends on the sizes, see {@link Tuning#rowsPerItem}
 * @param groupX items of a work group, along the panels
 * @param groupY along the rows
 */
record LinearTiles(
        String file, String options, int columns, int steps, int weightBytes, int rows, int groupX, int groupY) {
    /** Panels that so many output channels fill. */
    int panels(int outputs) {
        return (outputs + columns - 1) / columns;
    }

    int paddedInputs(int inputs) {
        return (inputs + steps - 1) / steps * steps;
    }
}
