package org.stegokernels.device.opencl;

/**
 * How a product is shared out among work groups.
 *
 * @param options the macros of the kernel that does it
 * @param rows that a work group takes
 * @param columns that it takes
 * @param itemsX items of a work group, along the columns
 * @param itemsY along the rows
 */
record Cut(String options, int rows, int columns, int itemsX, int itemsY) {
    /** Returns this with further macros. */
    Cut with(String more) {
        return new Cut(options + more, rows, columns, itemsX, itemsY);
    }

    /** Work groups for so many rows. */
    int down(int count) {
        return (count + rows - 1) / rows;
    }

    /** Work groups for so many columns. */
    int across(int count) {
        return (count + columns - 1) / columns;
    }
}
