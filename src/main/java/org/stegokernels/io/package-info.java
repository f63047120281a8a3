/** Writing files whole or not at all. Depends on nothing. */
package org.stegokernels.io;
