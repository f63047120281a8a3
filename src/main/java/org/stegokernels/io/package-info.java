/** Writing files whole or not at all, opening regular files only. Depends on nothing. */
package org.stegokernels.io;
