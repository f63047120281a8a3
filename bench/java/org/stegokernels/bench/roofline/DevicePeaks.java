package org.stegokernels.bench.roofline;

import java.util.Arrays;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.Tensor;

/** The peaks of a device with memory of its own, as far as its own kernels reach them. */
final class DevicePeaks implements Peaks {
    private static final int ROWS = 1 << 14;
    private static final int TRIAD = 1 << 26;
    private static final int PROBES = 5;

    private final Device device;
    private final MatrixProduct product;
    private final Tensor x;
    private final Tensor sum;

    DevicePeaks(Device device) {
        this.device = device;
        product = new MatrixProduct(device, ROWS);
        x = device.allocate(TRIAD);
        sum = device.allocate(TRIAD);
    }

    @Override
    public double compute() {
        return product.rate();
    }

    @Override
    public double bandwidth() {
        double[] rates = new double[PROBES];
        for (int i = 0; i < PROBES; i++) {
            long start = System.nanoTime();
            device.training().addScaled(x, 0.5f, sum);
            device.finish();
            rates[i] = 3.0 * Float.BYTES * TRIAD / (System.nanoTime() - start);
        }
        Arrays.sort(rates);
        return rates[PROBES / 2];
    }

    /** Does nothing: the device frees its memory. */
    @Override
    public void close() {}
}
