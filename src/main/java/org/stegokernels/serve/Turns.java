package org.stegokernels.serve;

import java.io.IOException;
import java.io.InterruptedIOException;
import org.stegokernels.device.Device;

/**
 * The order in which the board's works have the device: what a person waits for before what is done in the background.
 * A work has the device to itself until its end.
 */
final class Turns {
    private final Device device;
    private int waiting;

    Turns(Device device) {
        this.device = device;
    }

    /** Something that is computed. */
    @FunctionalInterface
    interface Work<T> {
        T compute() throws IOException;
    }

    /** Computes something that a person waits for. */
    <T> T now(Work<T> work) throws IOException {
        synchronized (this) {
            waiting++;
        }
        try {
            synchronized (device.monitor()) {
                return work.compute();
            }
        } finally {
            synchronized (this) {
                waiting--;
                notifyAll();
            }
        }
    }

    /** Computes something when nobody waits for anything else. */
    <T> T later(Work<T> work) throws IOException {
        synchronized (this) {
            while (waiting > 0) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    throw new InterruptedIOException("the workbench is being closed");
                }
            }
        }
        synchronized (device.monitor()) {
            return work.compute();
        }
    }
}
