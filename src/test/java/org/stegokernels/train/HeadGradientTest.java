package org.stegokernels.train;

import static org.stegokernels.testing.Gradients.assertGradient;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.train.loss.Objective.Parameter;
import org.stegokernels.verify.Comparison;
import org.stegokernels.verify.TrainingOracle;

/** The head's backward against central differences of its formula. */
class HeadGradientTest {
    private static final int IMAGES = 2;
    private static final int PIXELS = 6;
    private static final int INPUTS = 5;
    private static final int OUTPUTS = 3;

    private static final Map<String, HostTensor> WEIGHTS = new LinkedHashMap<>();

    static {
        put("cluster1.0.weight", OUTPUTS, INPUTS);
        put("cluster1.0.bias", OUTPUTS);
        put("cluster2.0.weight", INPUTS, INPUTS);
        put("cluster2.0.bias", INPUTS);
        put("cluster2.2.weight", OUTPUTS, INPUTS);
        put("cluster2.2.bias", OUTPUTS);
    }

    private static final float[] FEATURES = ThreadCounts.normal(1, IMAGES * PIXELS * INPUTS, 0, 1);
    private static final float[] MASK1 = {0, 1.25f, 1.25f, 1.25f, 1.25f, 1.25f, 0, 1.25f, 0, 1.25f};
    private static final float[] MASK2 = {1.25f, 1.25f, 0, 1.25f, 1.25f, 0, 1.25f, 1.25f, 1.25f, 1.25f};
    private static final float[] GRAD_CODE = ThreadCounts.normal(2, IMAGES * PIXELS * OUTPUTS, 0, 1);

    private static void put(String name, int... dims) {
        int size = dims.length == 1 ? dims[0] : dims[0] * dims[1];
        WEIGHTS.put(name, HostTensor.of(ThreadCounts.normal(name.hashCode(), size, 0, 1), dims));
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void matchesCentralDifferences(Devices.Choice choice) {
        try (Device device = TestDevices.open(choice);
                HeadGradient head = new HeadGradient(device, true, WEIGHTS::get)) {
            Tensor code = device.allocate(IMAGES, 2, 3, OUTPUTS);
            head.forward(
                    device.upload(FEATURES, IMAGES, 2, 3, INPUTS),
                    device.upload(MASK1, IMAGES, INPUTS),
                    device.upload(MASK2, IMAGES, INPUTS),
                    code);
            head.backward(device.upload(GRAD_CODE, IMAGES, 2, 3, OUTPUTS));
            for (Parameter parameter : head.parameters()) {
                double[] expected = TrainingOracle.gradient(
                        at -> loss(parameter.name(), at),
                        Comparison.widened(WEIGHTS.get(parameter.name()).values()));
                assertGradient(parameter.name(), device.floats(parameter.gradient()), expected);
            }
        }
    }

    /** The code times {@link #GRAD_CODE}, one of the weights replaced. */
    private static double loss(String replaced, double[] by) {
        double loss = 0;
        for (int row = 0; row < IMAGES * PIXELS; row++) {
            double[] hidden = new double[INPUTS];
            for (int h = 0; h < INPUTS; h++) {
                hidden[h] = value("cluster2.0.bias", h, replaced, by);
                for (int i = 0; i < INPUTS; i++) {
                    double feature = FEATURES[row * INPUTS + i] * MASK2[row / PIXELS * INPUTS + i];
                    hidden[h] += value("cluster2.0.weight", h * INPUTS + i, replaced, by) * feature;
                }
                hidden[h] = Math.max(0, hidden[h]);
            }
            for (int o = 0; o < OUTPUTS; o++) {
                double code = value("cluster1.0.bias", o, replaced, by) + value("cluster2.2.bias", o, replaced, by);
                for (int i = 0; i < INPUTS; i++) {
                    double feature = FEATURES[row * INPUTS + i] * MASK1[row / PIXELS * INPUTS + i];
                    code += value("cluster1.0.weight", o * INPUTS + i, replaced, by) * feature;
                    code += value("cluster2.2.weight", o * INPUTS + i, replaced, by) * hidden[i];
                }
                loss += code * GRAD_CODE[row * OUTPUTS + o];
            }
        }
        return loss;
    }

    private static double value(String name, int index, String replaced, double[] by) {
        return name.equals(replaced) ? by[index] : WEIGHTS.get(name).values()[index];
    }
}
