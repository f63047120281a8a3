/**
 * The kernels in Java, for TornadoVM: one class a family of operations, the twin of the file of that name in {@code
 * kernels/opencl}. What they compute stands in the catalogue, {@code kernels/README.md}.
 *
 * <p>All have one signature. {@code floats} and {@code ints} are the device's memory; {@code args} and {@code numbers} the
 * arguments, read in the first lines under the names that the head comment explains. Of a tensor the argument is where its
 * first element stands, so element i of x is {@code floats.get(x + i)}. Global sizes are whole groups: a kernel leaves out
 * what lies past the last row or element, but every item comes to every barrier.
 *
 * <p>TornadoVM compiles a part of Java: no recursion, no {@code throw}, no objects but the arrays; sizes of local memory are
 * constants; and no method may have a name that is a word of OpenCL C, such as {@code half}. What goes wrong otherwise is
 * seldom said: a read past the end, or a global size that is no multiple of the local one, gives wrong numbers.
 */
package org.stegokernels.tornado;
