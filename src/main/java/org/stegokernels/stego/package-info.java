/**
 * The STEGO model (Hamilton et al., ICLR 2022): a frozen vision transformer, the head that turns its features into a
 * code, and the probes that turn the code into classes.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.stego;
