/**
 * PyTorch checkpoints, read without Python: the pickle that says what there is, and the storages with the values. No
 * class is loaded, nothing is constructed and nothing is called at a file's word.
 *
 * <p>Internal: it may change with every version.
 */
package org.stegokernels.weights.pytorch;
