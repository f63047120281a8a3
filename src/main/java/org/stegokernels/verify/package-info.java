/**
 * Holds a device against results known to be right. {@code Random...} compares each operation with the {@linkplain
 * org.stegokernels.verify.Oracle plain loops} on random shapes and values, one class a family of operations. {@code
 * ...Checks} compare with the reference vectors of the published implementation, one class a family of files; these come
 * channels first, as PyTorch lays them out, and bring all sizes and parameters with them.
 *
 * <p>Internal: it may change with every version.
 */
package org.stegokernels.verify;
