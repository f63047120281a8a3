/**
 * The workbench: a server on this machine, its page in the browser, and an interface for other programs. A request goes
 * through {@code Gate} and {@code Routes} to its handler and comes back by {@code Exchange}. The only package that knows
 * the JDK's HTTP server.
 *
 * <p>Internal: it may change with every version.
 */
package org.stegokernels.serve;
