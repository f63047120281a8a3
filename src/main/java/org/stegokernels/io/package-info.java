/**
 * Writing files whole or not at all, opening regular files only, digests, what is done at exit. Depends on nothing.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.io;
