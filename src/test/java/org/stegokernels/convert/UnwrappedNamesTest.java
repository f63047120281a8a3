package org.stegokernels.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TypedTensor;

class UnwrappedNamesTest {
    private static final CheckpointConverter.Options TWO_HEADS = CheckpointConverter.Options.DEFAULT.withHeads(2);

    @TempDir
    Path folder;

    private Path renamed(String model, UnaryOperator<String> rename) throws IOException {
        Path file = folder.resolve("wrapped.safetensors");
        try (Safetensors source = Safetensors.open(Checkpoints.file(model))) {
            Map<String, TypedTensor> tensors = new LinkedHashMap<>();
            source.names().forEach(name -> tensors.put(rename.apply(name), source.typed(name)));
            SafetensorsWriter.writeTyped(file, tensors, Map.of());
        }
        return file;
    }

    private void convertsAsWithoutWrappers(String model, UnaryOperator<String> rename) throws IOException {
        Path plain = folder.resolve("plain.safetensors");
        Path out = folder.resolve("out.safetensors");
        CheckpointConverter.convert(Checkpoints.file(model), plain, TWO_HEADS);
        CheckpointConverter.convert(renamed(model, rename), out, TWO_HEADS);
        try (Safetensors expected = Safetensors.open(plain);
                Safetensors found = Safetensors.open(out)) {
            assertThat(found.names()).isEqualTo(expected.names());
            expected.names()
                    .forEach(name -> assertThat(found.floats(name)).as(name).isEqualTo(expected.floats(name)));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "_checkpoint_wrapped_module.",
                "_orig_mod.",
                "_fsdp_wrapped_module.",
                "_forward_module.",
                "module."
            })
    void aWrapperOfEachBlockIsTakenOut(String wrapper) throws IOException {
        convertsAsWithoutWrappers(
                "hf_dinov2.safetensors", name -> name.replaceAll("(layer\\.\\d+\\.)", "$1" + wrapper));
    }

    @Test
    void wrappersStandInEachOther() throws IOException {
        convertsAsWithoutWrappers(
                "hf_dinov2_reg.safetensors",
                name -> "_orig_mod._fsdp_wrapped_module."
                        + name.replaceAll("(layer\\.\\d+\\.)", "$1_fsdp_wrapped_module._checkpoint_wrapped_module.")
                                .replace("projection.", "projection._orig_mod."));
    }

    @Test
    void namesThatDifferInWrappersOnlyAreRefused() throws IOException {
        Map<String, TypedTensor> both = new LinkedHashMap<>();
        Path file = folder.resolve("both.safetensors");
        try (Safetensors source = Safetensors.open(Checkpoints.file("hf_dinov2.safetensors"))) {
            source.names().forEach(name -> {
                both.put(name, source.typed(name));
                both.put("_orig_mod." + name, source.typed(name));
            });
            SafetensorsWriter.writeTyped(file, both, Map.of());
        }
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> CheckpointConverter.convert(file, folder.resolve("out.safetensors"), TWO_HEADS))
                .withMessageContainingAll("both.safetensors", "_orig_mod.", "without wrappers");
    }
}
