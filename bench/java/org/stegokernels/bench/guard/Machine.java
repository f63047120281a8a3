package org.stegokernels.bench.guard;

import java.io.IOException;
import org.stegokernels.bench.Processor;
import org.stegokernels.bench.roofline.HostPeaks;

/**
 * A kind of machine. Ratios to the peak carry over from one machine of a kind to another, not to another kind: caches,
 * vectors and the Java compiler shift them by more than the guard's limit.
 *
 * @param processor its name, and family and model where the system tells
 * @param processors that a program sees
 * @param vectorBits of the registers that the Vector API prefers
 * @param java feature version
 * @param device under measurement
 */
record Machine(String processor, int processors, int vectorBits, int java, String device) {
    static Machine here(String device) throws IOException {
        return new Machine(
                Processor.name(),
                Runtime.getRuntime().availableProcessors(),
                HostPeaks.vectorBits(),
                Runtime.version().feature(),
                device);
    }

    @Override
    public String toString() {
        return processor + ", " + processors + " processors, vectors of " + vectorBits + " bits, Java " + java
                + ", device " + device;
    }
}
