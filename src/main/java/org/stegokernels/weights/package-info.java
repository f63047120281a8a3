/**
 * Model files: safetensors in and out, and weights on their way to a device. Everything read here is untrusted, and
 * whatever is wrong with it ends in a {@link org.stegokernels.weights.ModelException}.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.weights;
