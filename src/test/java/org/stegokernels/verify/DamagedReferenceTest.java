package org.stegokernels.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.verify.Verifier.Report;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TypedTensor;
import org.stegokernels.weights.TypedTensor.DType;

/** A tensor that a check reads can neither be left out nor be wrong without a failure. */
class DamagedReferenceTest {
    /** The sizes of the vectors' largest cases, left out here because they take most of the time. */
    private static final Pattern LARGE = Pattern.compile("(200x240x27|96x80|64x24)\\..+");

    private static Device device;

    @TempDir
    private Path folder;

    @BeforeAll
    static void open() {
        device = TestDevices.open(Devices.choose("cpu"));
    }

    @AfterAll
    static void close() {
        device.close();
    }

    /** Failures of a file's checks, as far as they are about that file. */
    private List<Report.Result> failures(String file, Consumer<Map<String, TypedTensor>> change) throws IOException {
        ReferenceCopies.write(folder, file, tensors -> {
            tensors.keySet().removeIf(LARGE.asMatchPredicate());
            change.accept(tensors);
        });
        Verifier.Options options =
                Verifier.Options.DEFAULT.withReference(folder).withOnly(file + "/");
        return Verifier.verify(device, options, result -> {}).results().stream()
                .filter(result -> result.status() == Report.Result.Status.FAIL)
                .filter(result -> result.name().split("/")[0].equals(file))
                .toList();
    }

    private static Safetensors original(String file) {
        return Safetensors.open(ReferenceCopies.ORIGINAL.resolve(file + ".safetensors"));
    }

    private static List<String> names(String file, Pattern pattern) {
        try (Safetensors original = original(file)) {
            return original.names().stream()
                    .filter(pattern.asMatchPredicate())
                    .filter(LARGE.asMatchPredicate().negate())
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ops",
                "vit_micro_p8",
                "segmentation_head",
                "probes",
                "dense_crf",
                "pipeline",
                "extras",
                "knn",
                "metrics"
            })
    void undamagedItPasses(String file) throws IOException {
        assertThat(failures(file, tensors -> {})).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ops",
                "vit_micro_p8",
                "segmentation_head",
                "probes",
                "dense_crf",
                "pipeline",
                "extras",
                "knn",
                "metrics"
            })
    void aMissingTensorFails(String file) throws IOException {
        for (String tensor :
                names(file, ReferenceChecks.family(file).orElseThrow().covered())) {
            assertThat(failures(file, tensors -> tensors.remove(tensor)))
                    .as("without " + tensor)
                    .anyMatch(result -> result.detail().contains(tensor));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ops, '.+\\.y'",
        "vit_micro_p8, '40x56\\.(pos_embed|tokens\\.\\d|qkv\\.last|attention\\.last|feat)'",
        "segmentation_head, '(eval|dropout)\\.code(\\.linear_only)?'",
        "probes, '(hard|alpha2)\\.probs|log_probs\\.alpha2|code\\.upsampled'",
        "pipeline, 'code|(linear|cluster)_(log_probs|crf)'",
        "extras, '(rec|crf_loss)\\.(loss|grad\\..+)|adam\\.param\\.[1-5]'",
        "correlation_loss, 'sampled\\..+|pos_int.*_cd|stabilize\\.(loss|pos_.+|neg_.+|grad\\..+)'",
        "dense_crf, '40x56x5\\.q\\.\\d+'",
    })
    void aWrongValueFails(String file, String expectations) throws IOException {
        Pattern covered = ReferenceChecks.family(file).orElseThrow().covered();
        for (String tensor : names(file, Pattern.compile(expectations))) {
            if (covered.matcher(tensor).matches()) {
                assertThat(failures(file, tensors -> tensors.put(tensor, oneValueOff(file, tensor))))
                        .as("one value off in " + tensor)
                        .isNotEmpty();
            }
        }
    }

    /** The middle value off by a thousandth of itself or of the largest, and no less than the CRF's tolerance. */
    private static TypedTensor oneValueOff(String file, String tensor) {
        try (Safetensors original = original(file)) {
            HostTensor values = original.tensor(tensor);
            float[] changed = values.values();
            float largest = 0;
            for (float value : changed) {
                largest = Math.max(largest, Math.abs(value));
            }
            changed[changed.length / 2] += Math.max(2.1e-3f, 1e-3f * largest);
            return TypedTensor.of(values);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "dense_crf, 40x56x5.argmax.1",
        "dense_crf, 40x56x5.argmax.10",
        "pipeline, linear_labels",
        "pipeline, cluster_labels"
    })
    void wrongLabelsFail(String file, String tensor) throws IOException {
        assertThat(failures(file, tensors -> tensors.put(tensor, labelsOff(file, tensor))))
                .extracting(Report.Result::name)
                .containsExactly(file + "/" + tensor.replace("40x56x5.", "40x56x5/"));
    }

    /** One label in a hundred wrong. */
    private static TypedTensor labelsOff(String file, String tensor) {
        try (Safetensors original = original(file)) {
            Shape shape = original.entry(tensor).shape();
            byte[] labels = original.bytes(tensor);
            for (int i = 0; i < labels.length; i += 100) {
                labels[i] ^= 1;
            }
            return TypedTensor.of(shape, labels);
        }
    }

    @ParameterizedTest
    @CsvSource({"ops, linear.x", "vit_micro_p8, 32x32.input", "segmentation_head, feat", "probes, code"})
    void aTensorOfAnotherRankFails(String file, String tensor) throws IOException {
        assertThat(failures(file, tensors -> {
                    TypedTensor whole = tensors.get(tensor);
                    Shape flat = Shape.of(whole.shape().size());
                    tensors.put(tensor, new TypedTensor(DType.F32, flat, whole.content()));
                }))
                .anyMatch(result -> result.detail().contains(tensor));
    }
}
