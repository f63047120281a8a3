package org.stegokernels.device.cpu;

/**
 * A sparse matrix, row by row: row r has the entries {@code starts[r]} to {@code starts[r + 1] - 1}.
 *
 * @param starts one for each row, and the end
 * @param columns of the entries
 * @param weights of the entries
 */
record SparseRows(int[] starts, int[] columns, float[] weights) {}
