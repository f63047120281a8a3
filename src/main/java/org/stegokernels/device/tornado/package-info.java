/**
 * Devices of TornadoVM, which compiles Java to OpenCL, PTX or SPIR-V. The kernels are the classes in {@code
 * kernels/tornado}, one for each family of operations; the classes here keep memory, build task graphs, and launch. Nothing
 * outside knows TornadoVM. Compiled for Java 25 only, and only where its SDK is; {@code sdk} belongs to every build.
 *
 * <p>A task graph is tied to the arrays that it was built with. So memory is one array of floats and one of integers, of
 * which a tensor is a part ({@link org.stegokernels.device.tornado.FreeList}), and a kernel gets where its tensors start as
 * arguments. Each kernel is one graph ({@link org.stegokernels.device.tornado.Program}), compiled when it is first needed
 * and then run with all sizes; what is in the arrays stays on the device. Only where they have to become longer are they
 * made anew, and the kernels with them ({@link org.stegokernels.device.tornado.Machine}).
 *
 * <p>Internal: it may change with every version.
 */
package org.stegokernels.device.tornado;
