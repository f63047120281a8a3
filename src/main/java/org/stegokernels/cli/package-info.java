/**
 * The command line: one class a command, which reads its options, calls the library and says what came of it. What
 * several commands need of files, photographs, devices and the terminal stands beside them. Errors become a message and
 * an exit code in {@link org.stegokernels.cli.StegoKernels}.
 *
 * <p>Internal: it may change with every version.
 */
package org.stegokernels.cli;
