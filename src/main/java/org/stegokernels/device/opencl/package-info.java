/**
 * Devices that speak OpenCL 1.2 or newer, through JOCL. The kernels are the files in {@code kernels/opencl}, one for each
 * family of operations; the classes here find devices, keep memory and programs, and launch. Nothing outside knows JOCL.
 *
 * <p>Internal: it may change with every version.
 */
package org.stegokernels.device.opencl;
