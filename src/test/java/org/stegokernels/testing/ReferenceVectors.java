package org.stegokernels.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.weights.Safetensors;

/** The reference vectors, and how results are held against them. */
public final class ReferenceVectors {
    private static final Path FOLDER = Path.of("kernels", "reference");

    private ReferenceVectors() {}

    /** Opens {@code kernels/reference/NAME.safetensors}. */
    public static Safetensors open(String name) {
        return Safetensors.open(FOLDER.resolve(name + ".safetensors"));
    }

    /** {@code [B, C, ...]} as PyTorch lays it out to {@code [B, ..., C]}. */
    public static HostTensor channelsLast(HostTensor tensor) {
        int[] dims = tensor.shape().dims();
        int batch = dims[0];
        int channels = dims[1];
        int pixels = tensor.shape().size() / (batch * channels);
        float[] out = new float[tensor.values().length];
        for (int b = 0; b < batch; b++) {
            for (int c = 0; c < channels; c++) {
                for (int p = 0; p < pixels; p++) {
                    out[(b * pixels + p) * channels + c] = tensor.values()[(b * channels + c) * pixels + p];
                }
            }
        }
        System.arraycopy(dims, 2, dims, 1, dims.length - 2);
        dims[dims.length - 1] = channels;
        return new HostTensor(Shape.of(dims), out);
    }

    /** Euclidean norm of the difference over that of the expectation. */
    public static double relativeError(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            double d = (double) actual[i] - expected[i];
            difference += d * d;
            norm += (double) expected[i] * expected[i];
        }
        return Math.sqrt(difference / norm);
    }

    /** Fails unless {@link #relativeError} is below the tolerance; not a number fails too. */
    public static void assertClose(String what, float[] actual, float[] expected, double tolerance) {
        assertThat(relativeError(actual, expected))
                .as("relative error of " + what)
                .isLessThan(tolerance);
    }
}
