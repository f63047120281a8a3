package org.stegokernels.stego;

import org.stegokernels.device.Device;
import org.stegokernels.tensor.Tensor;

/** Codes of features that lie in host memory. */
public final class PatchCodes {
    /** Patches that go through the head at once. */
    private static final int ROWS = 4096;

    private PatchCodes() {}

    /**
     * Computes the codes of features.
     *
     * @param features {@code [n, C]}
     * @return {@code [n, D]}
     */
    public static float[] of(Device device, SegmentationHead head, float[] features) {
        int count = features.length / head.inputs();
        float[] codes = new float[count * head.outputs()];
        float[] rows = new float[ROWS * head.inputs()];
        float[] made = new float[ROWS * head.outputs()];
        try (Tensor in = device.allocate(1, ROWS, head.inputs());
                Tensor out = device.allocate(1, ROWS, head.outputs())) {
            for (int first = 0; first < count; first += ROWS) {
                int n = Math.min(ROWS, count - first);
                System.arraycopy(features, first * head.inputs(), rows, 0, n * head.inputs());
                device.write(rows, in.view(1, n, head.inputs()));
                head.forward(in.view(1, n, head.inputs()), out.view(1, n, head.outputs()));
                device.read(out.view(1, n, head.outputs()), made);
                System.arraycopy(made, 0, codes, first * head.outputs(), n * head.outputs());
            }
        }
        return codes;
    }
}
