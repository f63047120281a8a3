package org.stegokernels.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.stegokernels.testing.ThreadCounts.normal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.device.Devices;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.verify.Verifier.Report;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TypedTensor;
import org.stegokernels.weights.TypedTensor.DType;

/** Sizes and parameters are those of the files, whatever they are. */
class OtherSizesTest {
    @TempDir
    private Path folder;

    private List<Report.Result> verify(Devices.Choice choice, String only) {
        Verifier.Options options =
                Verifier.Options.DEFAULT.withReference(folder).withOnly(only);
        return Verifier.verify(choice, 0, options, result -> {}).results().stream()
                .filter(result -> result.name().startsWith(only))
                .toList();
    }

    /** {@code ops} as the oracle computes them, at sizes of our own. */
    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#all")
    void operations(Devices.Choice choice) throws IOException {
        Map<String, TypedTensor> ops = new LinkedHashMap<>();
        linear(ops);
        rows(ops);
        attention(ops);
        images(ops);
        gradients(ops);
        SafetensorsWriter.writeTyped(folder.resolve("ops.safetensors"), ops, Map.of());
        assertThat(verify(choice, "ops/"))
                .hasSize(13)
                .allSatisfy(result ->
                        assertThat(result.status()).as(result.toString()).isIn(allowed(choice, result)));
    }

    /** A device that can't train leaves gradients and sampling out. */
    private static Set<Report.Result.Status> allowed(Devices.Choice choice, Report.Result result) {
        boolean training = result.name().contains("grad_x") || result.name().contains("grid_sample");
        boolean able = TestDevices.training()
                .anyMatch(named -> named.getPayload().info().equals(choice.info()));
        return Set.of(training && !able ? Report.Result.Status.NOT_COVERED : Report.Result.Status.PASS);
    }

    private static void put(Map<String, TypedTensor> file, String name, float[] values, int... dims) {
        file.put(name, TypedTensor.of(HostTensor.of(values, dims)));
    }

    private static float[] rounded(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static void linear(Map<String, TypedTensor> file) {
        float[] x = normal(1, 7 * 19, 0, 1);
        float[] weight = normal(2, 23 * 19, 0, 1);
        float[] bias = normal(3, 23, 0, 1);
        put(file, "linear.x", x, 7, 19);
        put(file, "linear.weight", weight, 23, 19);
        put(file, "linear.bias", bias, 23);
        put(file, "linear.y", rounded(Oracle.linear(x, weight, bias, Activation.NONE, null, 19, 23)), 7, 23);
    }

    private static void rows(Map<String, TypedTensor> file) {
        float[] x = normal(4, 5 * 31, 1, 2);
        float[] gamma = normal(5, 31, 0, 1);
        float[] beta = normal(6, 31, 0, 1);
        put(file, "layer_norm.x", x, 5, 31);
        put(file, "layer_norm.weight", gamma, 31);
        put(file, "layer_norm.bias", beta, 31);
        put(file, "layer_norm.y", rounded(Oracle.layerNorm(x, gamma, beta, 1e-6)), 5, 31);
        put(file, "gelu.x", x, 155);
        put(file, "gelu.y", rounded(Oracle.gelu(x)), 155);
        put(file, "softmax.x", x, 31, 5);
        put(file, "softmax.y", rounded(Oracle.softmax(x, 5, 1)), 31, 5);
        put(file, "log_softmax.y", rounded(Oracle.logSoftmax(x, 5, 1)), 31, 5);
    }

    /** One batch, two heads of 12 channels, 37 tokens. */
    private static void attention(Map<String, TypedTensor> file) {
        HostTensor[] parts = new HostTensor[3];
        String[] names = {"q", "k", "v"};
        for (int i = 0; i < 3; i++) {
            parts[i] = HostTensor.of(normal(7 + i, 2 * 37 * 12, 0, 1), 1, 2, 37, 12);
            put(file, "attention." + names[i], parts[i].values(), 1, 2, 37, 12);
        }
        HostTensor qkv = TensorLayout.interleaved(parts[0], parts[1], parts[2]);
        float[] tokensFirst = rounded(Oracle.attention(qkv.values(), 1, 37, 2, 12));
        float[] headsFirst = new float[tokensFirst.length];
        for (int t = 0; t < 37; t++) {
            for (int h = 0; h < 2; h++) {
                System.arraycopy(tokensFirst, (t * 2 + h) * 12, headsFirst, (h * 37 + t) * 12, 12);
            }
        }
        put(file, "attention.y", headsFirst, 1, 2, 37, 12);
    }

    /** One image of 3 channels, 6 x 4. */
    private static void images(Map<String, TypedTensor> file) {
        float[] planes = normal(10, 3 * 6 * 4, 0, 1);
        float[] pixels = TensorLayout.transposed(planes, 1, 3, 24);
        put(file, "grid_sample.x", planes, 1, 3, 6, 4);
        put(
                file,
                "normalize.y",
                TensorLayout.transposed(rounded(Oracle.normalize(pixels, 3, 1e-12)), 1, 24, 3),
                1,
                3,
                6,
                4);
        float[] bilinear = rounded(Oracle.bilinear(pixels, 1, 6, 4, 3, 5, 11));
        put(file, "bilinear.y", TensorLayout.transposed(bilinear, 1, 55, 3), 1, 3, 5, 11);
        float[] bicubic = rounded(Oracle.bicubic(pixels, 1, 6, 4, 3, 1.25, 1.6, 7, 6));
        put(file, "bicubic.y", TensorLayout.transposed(bicubic, 1, 42, 3), 1, 3, 7, 6);
        byte[] scale = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(1.25)
                .putDouble(1.6)
                .array();
        file.put("bicubic.scale", new TypedTensor(DType.F64, Shape.of(2), out -> out.write(scale)));
    }

    /** Samples the image at 2 x 5 points, with gradients by central differences. */
    private static void gradients(Map<String, TypedTensor> file) {
        float[] pixels = TensorLayout.transposed(normal(10, 3 * 6 * 4, 0, 1), 1, 3, 24);
        double[] wide = Comparison.widened(pixels);
        float[] coords = normal(11, 2 * 10, 0, 0.7);
        int[] first = {0};
        float[] sampled = rounded(TrainingOracle.gridSample(wide, 6, 4, 3, first, coords));
        put(file, "grid_sample.coords", coords, 1, 2, 5, 2);
        put(file, "grid_sample.y", TensorLayout.transposed(sampled, 1, 10, 3), 1, 3, 2, 5);
        gradient(file, "grid_sample", x -> TrainingOracle.gridSample(x, 6, 4, 3, first, coords), wide, 2, 5);
        gradient(file, "bilinear", x -> TrainingOracle.bilinear(x, 1, 6, 4, 3, 5, 11), wide, 5, 11);
        gradient(file, "normalize", x -> TrainingOracle.normalize(x, 3, 1e-12), wide, 6, 4);
    }

    private static void gradient(
            Map<String, TypedTensor> file,
            String name,
            UnaryOperator<double[]> operation,
            double[] x,
            int height,
            int width) {
        float[] g = normal(12, height * width * 3, 0, 1);
        float[] gradX = rounded(TrainingOracle.gradient(at -> TrainingOracle.dot(operation.apply(at), g), x));
        put(file, name + ".grad_y", TensorLayout.transposed(g, 1, height * width, 3), 1, 3, height, width);
        put(file, name + ".grad_x", TensorLayout.transposed(gradX, 1, 24, 3), 1, 3, 6, 4);
    }

    @ParameterizedTest
    @CsvSource({"vit_micro_p8, 40x56, 123x7", "dense_crf, 40x56x5, 9x8x7"})
    void casesAreFoundByTheirTensors(String file, String from, String to) throws IOException {
        ReferenceCopies.write(folder, file, tensors -> {
            List<String> names = new ArrayList<>(tensors.keySet());
            names.removeIf(name -> !name.matches("\\d+x.*"));
            for (String name : names) {
                TypedTensor tensor = tensors.remove(name);
                if (name.startsWith(from + ".")) {
                    tensors.put(name.replace(from, to), tensor);
                }
            }
        });
        assertThat(verify(Devices.choose("cpu"), file + "/"))
                .isNotEmpty()
                .allMatch(result -> result.name().startsWith(file + "/" + to + "/"))
                .allMatch(result -> result.status() == Report.Result.Status.PASS);
    }

    @Test
    void aFileWithoutCasesFails() throws IOException {
        ReferenceCopies.write(
                folder, "vit_micro_p8", tensors -> tensors.keySet().removeIf(name -> name.matches("\\d+x.*")));
        assertThat(verify(Devices.choose("cpu"), "vit_micro_p8"))
                .singleElement()
                .matches(result -> result.status() == Report.Result.Status.FAIL)
                .extracting(Report.Result::detail)
                .asString()
                .contains("no tensor is named like");
    }
}
