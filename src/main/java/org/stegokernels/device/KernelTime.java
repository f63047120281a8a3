package org.stegokernels.device;

import org.stegokernels.tensor.Tensor;

/**
 * What one kernel took on a device since it was opened.
 *
 * @param kernel its name
 * @param calls how often it ran
 * @param seconds time on the device, waiting not counted
 * @param flop floating-point operations, 0 if it does too few to matter
 * @param bytes bytes read and written if every operand moves once
 */
public record KernelTime(String kernel, long calls, double seconds, double flop, double bytes) {
    /** The bytes of tensors that move once each. */
    public static double bytes(Tensor... tensors) {
        double bytes = 0;
        for (Tensor tensor : tensors) {
            bytes += (double) tensor.shape().size() * tensor.type().bytes();
        }
        return bytes;
    }
}
