/**
 * Training STEGO on features that are already there: losses with their hand-written backward, Adam, and one whole step
 * (Hamilton et al. 2022). All randomness is an argument.
 */
package org.stegokernels.train;
