/**
 * Devices and the operations they offer. {@link org.stegokernels.device.Device} is memory,
 * {@link org.stegokernels.device.Kernels} is arithmetic; nothing here knows what a vision transformer is.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.device;
