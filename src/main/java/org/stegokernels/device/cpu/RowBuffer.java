package org.stegokernels.device.cpu;

import org.stegokernels.device.DeviceException;

/** An array of rows that grows to the largest size asked for and stays, on the device's account. */
final class RowBuffer {
    private final CpuDevice device;
    private float[] array = new float[0];

    RowBuffer(CpuDevice device) {
        this.device = device;
    }

    /** Returns at least that many rows in the layout of {@link LatticeLanes}; contents are undefined. */
    float[] rows(int rows, int width) {
        long length = LatticeLanes.LEAD + (long) rows * width;
        if (array.length < length) {
            device.account(-(long) array.length * Float.BYTES);
            array = new float[0];
            array = allocate(rows, width, length);
            device.account(length * Float.BYTES);
        }
        return array;
    }

    private static float[] allocate(int rows, int width, long length) {
        try {
            return new float[Math.toIntExact(length)];
        } catch (OutOfMemoryError e) {
            throw CpuDevice.outOfMemory(rows + " rows of " + width + " floats", length * Float.BYTES, e);
        } catch (ArithmeticException e) {
            throw new DeviceException(
                    rows + " rows of " + width + " floats are more than an array holds: use a smaller --size", e);
        }
    }
}
