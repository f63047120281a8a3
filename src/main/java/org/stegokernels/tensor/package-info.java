/** Shapes and tensors: what data looks like, wherever it lives. Depends on nothing. */
package org.stegokernels.tensor;
