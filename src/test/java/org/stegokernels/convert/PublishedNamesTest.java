package org.stegokernels.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stegokernels.tensor.Shape;
import org.stegokernels.vit.Architecture;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.TensorIndex.TensorSource;
import org.stegokernels.weights.TypedTensor;
import org.stegokernels.weights.TypedTensor.DType;

/** Names and shapes of the published files, at their true sizes, without their values. */
class PublishedNamesTest {
    private static final Pattern RANGE = Pattern.compile("(.*)\\{(\\d+)\\.\\.(\\d+)}(.*)");

    /** A file as {@code published.txt} lists it. */
    record Published(String file, String expected, Map<String, Shape> shapes) implements TensorSource {
        @Override
        public String name() {
            return file;
        }

        @Override
        public Map<String, String> metadata() {
            return Map.of();
        }

        @Override
        public Set<String> names() {
            return shapes.keySet();
        }

        @Override
        public Entry entry(String tensor) {
            if (!shapes.containsKey(tensor)) {
                throw missing(tensor);
            }
            return new Entry(tensor, DType.F32, shapes.get(tensor));
        }

        @Override
        public TypedTensor typed(String tensor) {
            return new TypedTensor(DType.F32, entry(tensor).shape(), out -> {});
        }

        @Override
        public void close() {}

        @Override
        public String toString() {
            return file;
        }
    }

    static List<Published> files() throws IOException {
        List<Published> files = new ArrayList<>();
        for (String line : Files.readAllLines(Checkpoints.file("published.txt"))) {
            if (line.startsWith("[")) {
                int end = line.indexOf(']');
                files.add(new Published(line.substring(1, end), line.substring(end + 2), new LinkedHashMap<>()));
            } else if (!line.isBlank() && !line.startsWith("#")) {
                String[] words = line.split(" ");
                int[] dims = IntStream.range(1, words.length)
                        .map(i -> Integer.parseInt(words[i]))
                        .toArray();
                put(files.get(files.size() - 1).shapes(), words[0], Shape.of(dims));
            }
        }
        return files;
    }

    private static void put(Map<String, Shape> shapes, String name, Shape shape) {
        Matcher range = RANGE.matcher(name);
        if (!range.matches()) {
            shapes.put(name, shape);
            return;
        }
        for (int i = Integer.parseInt(range.group(2)); i <= Integer.parseInt(range.group(3)); i++) {
            shapes.put(range.group(1) + i + range.group(4), shape);
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void theModelIsFoundOrRefused(Published file) {
        OpenedCheckpoint checkpoint =
                new OpenedCheckpoint("published", file, key -> Map.of("cfg.dataset_name", "cocostuff27"));
        if (!file.expected().matches("\\d.*")) {
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> ConversionPlan.of(checkpoint, OptionalInt.empty(), Optional.empty()))
                    .withMessageContainingAll(file.file(), file.expected());
            return;
        }
        ConversionPlan plan = ConversionPlan.of(checkpoint, OptionalInt.empty(), Optional.empty());
        Architecture found = plan.backbone();
        assertThat(String.join(
                        " ",
                        "" + found.patch(),
                        "" + found.depth(),
                        "" + found.width(),
                        "" + found.heads(),
                        "" + found.patches().grid(),
                        "" + found.registers(),
                        "" + found.encoder().layerScale(),
                        plan.stego() ? "stego" : "vit"))
                .isEqualTo(file.expected());
        int dropped = plan.dropped().stream()
                .mapToInt(group -> group.tensors().size())
                .sum();
        assertThat(dropped).isLessThanOrEqualTo(3);
        if (plan.stego()) {
            assertThat(plan.metadata().get("class_names")).contains("\"water\"");
        }
    }
}
