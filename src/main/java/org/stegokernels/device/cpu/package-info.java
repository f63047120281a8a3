/**
 * The CPU device. One class an operation does the tiling and the threads; the innermost loops are in
 * {@link org.stegokernels.device.cpu.Lanes}, once in plain Java and once in the Vector API. Every result is the same to
 * the bit whatever the number of threads: work is cut by the output, and each sum has one fixed order.
 *
 * <p>In the Vector API, what a loop carries is an argument within it, not what a method is called on: {@code sum =
 * weight.add(sum)}. Of the other way round the compiler (C2) knows the class by a profile that all code shares; when that
 * has been wrong too often, the result is of no known class, and every turn of the loop makes an object of it.
 *
 * <p>Internal: it may change with every version.
 */
package org.stegokernels.device.cpu;
