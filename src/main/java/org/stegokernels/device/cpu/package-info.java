/**
 * The CPU device. One class an operation does the tiling and the threads; the innermost loops are behind
 * {@link org.stegokernels.device.cpu.Lanes}, once in plain Java and once in the Vector API. Every result is the same to
 * the bit whatever the number of threads: work is cut by the output, and each sum has one fixed order.
 */
package org.stegokernels.device.cpu;
