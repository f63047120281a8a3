package org.stegokernels.bench.roofline;

import java.util.Arrays;
import org.stegokernels.bench.Synthetic;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.tensor.Tensor;

/** The device's own matrix product, {@code rows x 384 x 1536}: the practical peak. */
final class MatrixProduct {
    private static final int INPUTS = 384;
    private static final int OUTPUTS = 1536;
    private static final int PROBES = 20;

    private final Device device;
    private final int rows;
    private final LinearWeights weights;
    private final Tensor x;
    private final Tensor out;

    MatrixProduct(Device device, int rows) {
        this.device = device;
        this.rows = rows;
        x = device.upload(Synthetic.values(rows * INPUTS, 1), rows, INPUTS);
        Tensor weight = device.upload(Synthetic.values(OUTPUTS * INPUTS, 1), OUTPUTS, INPUTS);
        weights = device.kernels().packLinear(weight, null);
        weight.close();
        out = device.allocate(rows, OUTPUTS);
    }

    /** Returns the median rate, GFLOP/s. */
    double rate() {
        double[] rates = new double[PROBES];
        for (int i = 0; i < PROBES; i++) {
            long start = System.nanoTime();
            device.kernels().linear(x, weights, Activation.NONE, null, out);
            device.finish();
            rates[i] = 2.0 * rows * INPUTS * OUTPUTS / (System.nanoTime() - start);
        }
        Arrays.sort(rates);
        return rates[PROBES / 2];
    }
}
