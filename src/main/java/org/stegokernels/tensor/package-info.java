/**
 * Shapes and tensors: what data looks like, wherever it lives. Depends on nothing.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.tensor;
