/**
 * Models by name: what there is, how it is downloaded, and where it is kept. The only package that talks to the network,
 * and only when a pull is asked for.
 */
package org.stegokernels.registry;
