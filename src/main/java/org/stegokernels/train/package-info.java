/**
 * Training STEGO (Hamilton et al. 2022): settings, the store of features, losses with their hand-written backward, Adam,
 * the loop with its checkpoints, and shifts that fit a dataset. All randomness is a function of seed and step.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.train;
