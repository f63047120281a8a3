package org.stegokernels.bench.guard;

import org.stegokernels.bench.DeviceState;
import org.stegokernels.bench.roofline.Roofline;

/**
 * One path that is guarded.
 *
 * @param name the operation's in the catalogue, or the class's, and the size
 * @param setup makes everything ready
 */
record HotPath(String name, Setup setup) {
    /** Makes a path ready to be run, by the same code as its JMH benchmark. */
    @FunctionalInterface
    interface Setup {
        /** @return runs the path once, and tells the roofline what it did */
        Run open(DeviceState device, Roofline roofline) throws Exception;
    }

    /** Runs a path once. */
    @FunctionalInterface
    interface Run {
        void once() throws Exception;
    }
}
