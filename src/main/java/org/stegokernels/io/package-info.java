/**
 * Writing files whole or not at all, opening regular files only, text that people wrote. Depends on nothing.
 *
 * <p>Internal: it may change with every version.
 */
package org.stegokernels.io;
