/**
 * Models by name: what there is, how it is downloaded, and where it is kept. The only package that talks to the network,
 * and only when a pull is asked for.
 *
 * <p>Internal: it may change with every version.
 */
package org.stegokernels.registry;
