/**
 * Writing files whole or not at all, opening regular files only, digests, what is done at exit. Depends on nothing.
 *
 * <p>Internal: it may change with every version.
 */
package org.stegokernels.io;
