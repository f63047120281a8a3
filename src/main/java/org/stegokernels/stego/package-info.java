/**
 * The STEGO model (Hamilton et al., ICLR 2022): a frozen vision transformer, the head that turns its features into a
 * code, and the probes that turn the code into classes.
 */
package org.stegokernels.stego;
