/** Writing files whole or not at all, opening regular files only, text that people wrote. Depends on nothing. */
package org.stegokernels.io;
