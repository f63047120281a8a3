/**
 * The objectives of a training (Hamilton et al. 2022), each with its hand-written backward pass. Losses leave the gradient
 * of their own {@link org.stegokernels.train.loss.Objective.Parameter}s and add that of the code to a given tensor.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.train.loss;
