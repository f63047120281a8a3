package org.stegokernels.weights.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.convert.Checkpoints;
import org.stegokernels.weights.ByteSource;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TensorIndex.TensorSource;

/** Files that PyTorch wrote, against the same tensors written plainly. */
class PyTorchCheckpointTest {
    private static PyTorchCheckpoint open(String name) {
        Path file = Checkpoints.file(name);
        return PyTorchCheckpoint.of(ByteSource.open(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"views_zip.pth", "views_legacy.pth", "views_big.pth"})
    void viewsOfAllTypesHaveTheirValues(String name) throws IOException {
        try (PyTorchCheckpoint checkpoint = open(name);
                Safetensors plain = Safetensors.open(Checkpoints.file("views.safetensors"))) {
            assertThat(plain.names()).hasSize(17);
            for (String tensor : plain.names()) {
                assertThat(checkpoint.entry(tensor)).as(tensor).isEqualTo(plain.entry(tensor));
                assertThat(bytes(checkpoint, tensor)).as(tensor).isEqualTo(bytes(plain, tensor));
            }
        }
    }

    private static byte[] bytes(TensorSource source, String tensor) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        source.typed(tensor).content().write(out);
        return out.toByteArray();
    }

    @ParameterizedTest
    @CsvSource({
        "views_zip.pth, quantised, it is quantised",
        "views_zip.pth, sparse, it is sparse",
        "views_zip.pth, complex, ComplexFloatStorage",
        "views_legacy.pth, quantised, it is quantised",
        "views_legacy.pth, sparse, it is sparse"
    })
    void tensorsThatAreNotPlainAreRefusedWhenAskedFor(String name, String tensor, String reason) {
        try (PyTorchCheckpoint checkpoint = open(name)) {
            assertThat(checkpoint.has(tensor)).isTrue();
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> checkpoint.typed(tensor))
                    .withMessageContainingAll(name, "\"" + tensor + "\"", reason);
        }
    }

    @Test
    void settingsAreReadOutOfOmegaConf() {
        try (PyTorchCheckpoint checkpoint = open("stego.ckpt")) {
            assertThat(checkpoint.settings("hyper_parameters"))
                    .containsEntry("n_classes", 27)
                    .containsEntry("cfg.dataset_name", "cocostuff27")
                    .containsEntry("cfg.lr", 5e-4)
                    .containsEntry("cfg.continuous", true)
                    .doesNotContainKey("cfg.pretrained_weights");
            assertThat(checkpoint.settings("callbacks")).isEmpty();
            assertThat(checkpoint.settings("no such")).isEmpty();
        }
    }

    @Test
    void namesOfDictionariesAreJoined() {
        try (PyTorchCheckpoint checkpoint = open("dino_full.pth")) {
            assertThat(checkpoint.names())
                    .contains(
                            "teacher.backbone.cls_token",
                            "student.module.backbone.cls_token",
                            "teacher.head.mlp.0.weight",
                            "dino_loss.center");
        }
    }
}
