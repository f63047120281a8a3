/**
 * Holding each operation of a device against the plain loops of {@link org.stegokernels.verify.Oracle} on random shapes
 * and values: one class a family of operations.
 */
package org.stegokernels.verify.random;
