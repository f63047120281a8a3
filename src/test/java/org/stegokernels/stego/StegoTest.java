package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.stegokernels.testing.ReferenceVectors.assertClose;
import static org.stegokernels.testing.ReferenceVectors.channelsLast;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.device.Kernels;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.testing.MemoryFiles;
import org.stegokernels.testing.ReferenceVectors;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.vit.Architecture;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;
import org.stegokernels.weights.TypedTensor;

class StegoTest {
    private static final ModelInfo INFO = new ModelInfo(
            List.of("sky", "Straße", "\"tree\"", "road", "person"),
            List.of(0x87ceeb, 0, 0xffffff, 0x00007f, 0xff0000),
            List.of(4, 3, 2, 1, 0, 0),
            new ModelInfo.Settings(FeatureKind.KK, 224, 3.3f, "made for a test", "CC0-1.0", ModelInfo.Views.WHOLE),
            Map.of("epochs", "7"));

    @TempDir
    Path folder;

    private Device device;
    private Safetensors reference;

    @BeforeEach
    void open() {
        device = TestDevices.open(Devices.choose("cpu"));
        reference = ReferenceVectors.open("pipeline");
    }

    @AfterEach
    void close() {
        reference.close();
        device.checkGuards();
        device.close();
    }

    @Test
    void codeAndLogProbabilitiesAreThoseOfThePublishedEvaluation() {
        Kernels kernels = device.kernels();
        try (Stego model = Stego.load(ReferenceVectors.open("pipeline"), device)) {
            HostTensor image = reference.tensor("input");
            int height = image.shape().dim(1);
            int width = image.shape().dim(2);
            Tensor both = device.upload(withMirrorImage(image), 2, 3, height, width);
            Tensor features =
                    model.backbone().features(both, model.info().settings().feature());

            int patch = model.backbone().patch();
            Tensor codes = device.allocate(2, height / patch, width / patch, model.codeWidth());
            model.head().orElseThrow().forward(features, codes);
            Tensor code = device.allocate(height / patch, width / patch, model.codeWidth());
            kernels.mirrorMean(codes, code);
            assertClose(
                    "code",
                    device.floats(code),
                    channelsLast(reference.tensor("code")).values(),
                    1e-5);

            Tensor large = device.allocate(1, height, width, model.codeWidth());
            kernels.bilinear(code.view(1, height / patch, width / patch, model.codeWidth()), large);
            Tensor out = device.allocate(1, height, width, model.classCount());
            model.linearProbe().orElseThrow().forward(large, out);
            kernels.logSoftmax(out, 1, out);
            assertClose("linear", device.floats(out), pixelsFirst("linear_log_probs"), 1e-5);

            model.clusterProbe()
                    .orElseThrow()
                    .logProbabilities(large, model.info().settings().alpha(), out);
            assertClose("cluster", device.floats(out), pixelsFirst("cluster_log_probs"), 1e-5);
        }
    }

    @Test
    void aModelIsLoadedWithTheViewsThatItWasSavedWith() throws IOException {
        Path file = folder.resolve("viewed.safetensors");
        ModelInfo.Views views = new ModelInfo.Views(List.of(1.0, 0.75), 16);
        try (Stego model = Stego.load(ReferenceVectors.open("pipeline"), device, Optional.of(views))) {
            save(file, model, model.info());
        }
        try (Stego model = Stego.load(file, device)) {
            assertThat(model.info().settings().views()).isEqualTo(views);
        }
        try (Stego model = Stego.load(Stego.open(file), device, Optional.of(ModelInfo.Views.WHOLE))) {
            assertThat(model.info().settings().views().isWhole()).isTrue();
        }
    }

    @Test
    void whatIsSavedIsLoadedAndSavedAgainToTheSameBytes() throws IOException {
        Path first = folder.resolve("first.safetensors");
        Path second = folder.resolve("second.safetensors");
        ModelInfo info = named();
        try (Stego model = Stego.load(ReferenceVectors.open("pipeline"), device)) {
            save(first, model, info);
        }
        try (Stego model = Stego.load(first, device)) {
            assertThat(model.info()).isEqualTo(info);
            assertThat(model.classCount()).isEqualTo(6);
            assertThat(model.clusterToClass()).containsExactly(4, 3, 2, 1, 0, 5);
            assertThat(model.backbone().architecture().heads()).isEqualTo(4);
            save(second, model, model.info());
        }
        assertThat(second).hasSameBinaryContentAs(first);
        try (Safetensors saved = Safetensors.open(first)) {
            assertThat(saved.metadata())
                    .containsEntry("format", "stego-kernels")
                    .containsEntry("format_version", "1")
                    .containsEntry(
                            "colours", "[\"#87ceeb\",\"#000000\",\"#ffffff\",\"#00007f\",\"#ff0000\",\"#010203\"]")
                    .containsEntry("cluster_to_class", "[4,3,2,1,0,5]");
            assertThat(saved.names())
                    .doesNotContain("image", "code")
                    .hasSize(reference.names().size() - 9);
            for (String name : saved.names()) {
                assertThat(saved.tensor(name).shape())
                        .isEqualTo(reference.tensor(name).shape());
                assertThat(saved.floats(name)).as(name).containsExactly(reference.floats(name));
            }
        }
    }

    @Test
    void aModelMayBeSavedOverItself() throws IOException {
        Path path = Files.write(folder.resolve("model.safetensors"), Files.readAllBytes(Path.of(reference.name())));
        try (Stego model = Stego.load(path, device)) {
            save(path, model, named());
        }
        try (Stego model = Stego.load(path, device)) {
            assertThat(model.info()).isEqualTo(named());
        }
    }

    @Test
    void aBareBackboneHasNeitherHeadNorProbes() throws IOException {
        Map<String, TypedTensor> tensors = new HashMap<>();
        MemoryFiles.tensors(reference).forEach((name, tensor) -> {
            if (name.startsWith("backbone.")) {
                tensors.put(name.replace("backbone.", "module."), tensor);
            }
        });
        tensors.put("head.weight", MemoryFiles.zeros(10, 64));
        Path saved = folder.resolve("bare.safetensors");
        try (Stego model = Stego.load(MemoryFiles.file(tensors, Map.of("num_heads", "4")), device)) {
            assertBare(model);
            save(saved, model, model.info());
        }
        try (Stego model = Stego.load(saved, device)) {
            assertBare(model);
        }
    }

    private static void assertBare(Stego model) {
        assertThat(model.head()).isEmpty();
        assertThat(model.linearProbe()).isEmpty();
        assertThat(model.clusterProbe()).isEmpty();
        assertThat(model.info()).isEqualTo(ModelInfo.DEFAULT);
        assertThat(model.codeWidth()).isEqualTo(64);
        assertThat(model.classCount()).isZero();
        assertThat(model.clusterToClass()).isEmpty();
        assertThat(model.backbone().architecture().heads()).isEqualTo(4);
    }

    @Test
    void withoutLinearProbeTheClustersAndTheirMapSayHowManyClassesThereAre() {
        Consumer<Map<String, TypedTensor>> withoutLinear =
                tensors -> tensors.keySet().removeIf(name -> name.startsWith("linear_probe."));
        try (Stego model = Stego.load(changed(withoutLinear, Map.of()), device)) {
            assertThat(model.classCount()).isEqualTo(6);
            assertThat(model.clusterToClass()).containsExactly(0, 1, 2, 3, 4, 5);
        }
        try (Stego model = Stego.load(changed(withoutLinear, Map.of("cluster_to_class", "[0,1,2,0,1,2]")), device)) {
            assertThat(model.classCount()).isEqualTo(3);
            assertThat(model.clusterToClass()).containsExactly(0, 1, 2, 0, 1, 2);
        }
        Safetensors absurd = changed(withoutLinear, Map.of("cluster_to_class", "[0,1,2,3,4,2147483647]"));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Stego.load(absurd, device))
                .withMessageContaining("[0, 1, 2, 3, 4, 2147483647], but there are 6 classes");
    }

    /** A taught class may have several outputs. */
    @Test
    void withoutClustersTheMapIsThatOfTheLinearProbe() {
        Consumer<Map<String, TypedTensor>> withoutClusters = tensors -> tensors.remove("cluster_probe.clusters");
        try (Stego model = Stego.load(changed(withoutClusters, Map.of("cluster_to_class", "[0,1,1,0,2,2]")), device)) {
            assertThat(model.classCount()).isEqualTo(3);
            assertThat(model.classOf(Probe.LINEAR)).containsExactly(0, 1, 1, 0, 2, 2);
            assertThat(model.clusterToClass()).isEmpty();
        }
        try (Stego model = Stego.load(changed(withoutClusters, Map.of()), device)) {
            assertThat(model.classCount()).isEqualTo(6);
            assertThat(model.classOf(Probe.LINEAR)).containsExactly(0, 1, 2, 3, 4, 5);
        }
        for (String map : List.of("[0,1]", "[-1,-1,-1,-1,-1,-1]", "[0,1,2,3,4,9]")) {
            assertThatExceptionOfType(ModelException.class)
                    .as(map)
                    .isThrownBy(() -> Stego.load(changed(withoutClusters, Map.of("cluster_to_class", map)), device))
                    .withMessageContaining("outputs of the linear probe");
        }
    }

    static Stream<Arguments> metadata() {
        return Stream.of(
                arguments("class_names", "[\"a\"", "\"class_names\" is not valid JSON"),
                arguments("class_names", "[\"a\"] x", "\"class_names\" is not valid JSON"),
                arguments("class_names", "{}", "\"class_names\" is not a JSON list"),
                arguments("class_names", "", "\"class_names\" is not valid JSON (at byte 0 there should be a value)"),
                arguments("class_names", "[1]", "\"class_names\" has 1 among its names"),
                arguments("class_names", "[\" \"]", "\"class_names\" has \" \" among its names"),
                arguments("class_names", "[\"a\"]", "1 class names are given, but the linear probe has 6 classes"),
                arguments("colours", "[\"red\"]", "\"colours\" has \"red\" among its colours like #1f77b4"),
                arguments("colours", "[\"#12345\"]", "\"colours\" has \"#12345\" among"),
                arguments("colours", "[\"#123456\"]", "1 colours are given for 6 classes"),
                arguments("cluster_to_class", "[0.5]", "\"cluster_to_class\" has 0.5 among its class numbers"),
                arguments("cluster_to_class", "[99999999999]", "has 99999999999 among its class numbers"),
                arguments("cluster_to_class", "[0]", "classes for 1 clusters are given, but there are 6"),
                arguments("cluster_to_class", "[0,1,2,3,4,6]", "[0, 1, 2, 3, 4, 6], but there are 6 classes"),
                arguments("cluster_to_class", "[0,1,2,3,4,-1]", "[0, 1, 2, 3, 4, -1], but there are 6 classes"),
                arguments("settings", "[]", "\"settings\" is not a JSON object"),
                arguments(
                        "settings",
                        "{\"alpha\":1,\"alpha\":2}",
                        "\"settings\" is not valid JSON (at byte 19 the key \"alpha\" comes twice"),
                arguments("settings", "{\"alfa\":1}", "\"settings\" has the unknown key \"alfa\""),
                arguments("settings", "{\"alpha\":0}", "\"settings\" does not fit: alpha must be greater than 0"),
                arguments(
                        "settings", "{\"alpha\":1e99}", "alpha must be greater than 0, up to 1000000.0, not Infinity"),
                arguments("settings", "{\"alpha\":\"2\"}", "alpha must be greater than 0"),
                arguments("settings", "{\"input_size\":2.5}", "input_size must be between 16 and 4096 pixels, not 0"),
                arguments("settings", "{\"scales\":[1,\"2\"]}", "scales must be between 0.1 and 4.0, not 0.0"),
                arguments("settings", "{\"scales\":1}", "scales must be 1 to 8 different numbers, not []"),
                arguments("settings", "{\"window\":1.5}", "window must be between 0 and 4096 pixels, not -1"),
                arguments("settings", "{\"window\":12}", "window 12 is not in whole patches of 8 pixels"),
                arguments("settings", "{\"input_size\":7}", "input_size must be between 16 and 4096 pixels, not 7"),
                arguments("settings", "{\"input_size\":4097}", "input_size must be between"),
                arguments("settings", "{\"input_size\":2147483647}", "input_size must be between"),
                arguments("settings", "{\"alpha\":1e30}", "alpha must be greater than 0, up to 1000000.0, not 1.0E30"),
                arguments("settings", "{\"source\":5}", "has a \"source\" that is not a string"),
                arguments(
                        "settings",
                        "{\"feature\":\"keys\"}",
                        "has the feature \"keys\", which is not one of [FEAT, KK]"),
                arguments("settings", "[".repeat(5000), "\"settings\" is not valid JSON"));
    }

    @ParameterizedTest(name = "{2}")
    @MethodSource("metadata")
    void metadataThatMakeNoSenseAreNamed(String key, String value, String reason) {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Stego.load(changed(tensors -> {}, Map.of(key, value)), device))
                .withMessageStartingWith("made-up.safetensors: in its metadata ")
                .withMessageContaining(reason)
                .withMessageEndingWith("Correct the metadata.");
        assertThat(device.allocatedBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear_probe", "cluster_probe"})
    void moreClassesThanALabelMapHoldsAreRefused(String probe) {
        Consumer<Map<String, TypedTensor>> many = tensors -> {
            tensors.keySet().removeIf(name -> name.contains("_probe."));
            if (probe.equals("linear_probe")) {
                tensors.put("linear_probe.weight", MemoryFiles.zeros(256, 24, 1, 1));
                tensors.put("linear_probe.bias", MemoryFiles.zeros(256));
            } else {
                tensors.put("cluster_probe.clusters", MemoryFiles.zeros(256, 24));
            }
        };
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Stego.load(changed(many, Map.of()), device))
                .withMessageContaining("256 classes are more than the 255 that a label map can tell apart");
    }

    /** More clusters than classes are many to one, or unknown each for itself. */
    @Test
    void manyClustersNeedAMapToFewClasses() {
        Consumer<Map<String, TypedTensor>> many =
                tensors -> tensors.put("cluster_probe.clusters", MemoryFiles.zeros(256, 24));
        try (Stego model = Stego.load(changed(many, Map.of("cluster_to_class", clusterMap(0))), device)) {
            assertThat(model.classCount()).isEqualTo(6);
        }
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Stego.load(changed(many, Map.of("cluster_to_class", clusterMap(-1))), device))
                .withMessageContaining("256 clusters, each a class, are more than the 255");
    }

    private static String clusterMap(int label) {
        return Collections.nCopies(256, label).toString();
    }

    /** Files of other programs need it; this program's own give everything themselves. */
    @Test
    void settingsBesideAFileOfOthersAreHonoured() throws IOException {
        Path file = folder.resolve("model.safetensors");
        Path config = folder.resolve("config.json");
        Map<String, TypedTensor> tensors = new HashMap<>();
        Architecture.dino(1, 320, 4, 2, 2, 8)
                .tensors()
                .forEach((name, shape) -> tensors.put(name, MemoryFiles.zeros(shape.dims())));
        SafetensorsWriter.writeTyped(file, tensors, Map.of());
        Files.writeString(config, "{\"num_attention_heads\": 4, \"layer_norm_eps\": 1e-12}");
        Path saved = folder.resolve("saved.safetensors");
        try (Stego model = Stego.load(file, device)) {
            assertThat(model.backbone().architecture().heads()).isEqualTo(4);
            assertThat(model.backbone().architecture().encoder().epsilon()).isEqualTo(1e-12f);
            save(saved, model, model.info());
        }
        Files.writeString(config, "{\"num_attention_heads\": 4, \"hidden_act\": \"relu\"}");
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Stego.load(file, device))
                .withMessageContainingAll(config.toString(), "hidden_act", "relu");
        try (Stego model = Stego.load(saved, device)) {
            assertThat(model.backbone().architecture().encoder().epsilon()).isEqualTo(1e-12f);
        }
    }

    @Test
    void moreClustersThanClassesNeedAMap() {
        Consumer<Map<String, TypedTensor>> more =
                tensors -> tensors.put("cluster_probe.clusters", MemoryFiles.zeros(8, 24));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Stego.load(changed(more, Map.of()), device))
                .withMessageContaining("not given which of the 6 classes each of the 8 clusters is");
    }

    static Stream<Arguments> parts() {
        return Stream.of(
                arguments("cluster1.0.weight", new int[] {24, 65, 1, 1}, "wanted [code channels, 64, 1, 1] to fit the"),
                arguments("linear_probe.weight", new int[] {6, 25, 1, 1}, "wanted [classes, 24, 1, 1] to fit the head"),
                arguments("cluster_probe.clusters", new int[] {6, 25}, "wanted [clusters, 24] to fit the head"),
                arguments("backbone.norm.weight", new int[] {65}, "its shape is [65], wanted [64]"));
    }

    @ParameterizedTest
    @MethodSource("parts")
    void partsThatDoNotFitTogetherAreNamed(String name, int[] dims, String reason) {
        Consumer<Map<String, TypedTensor>> change = tensors -> {
            tensors.put(name, MemoryFiles.zeros(dims));
            tensors.keySet().removeIf(other -> other.startsWith("cluster2.") && name.startsWith("cluster1."));
        };
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> Stego.load(changed(change, Map.of()), device))
                .withMessageContainingAll("\"" + name + "\"", reason);
        assertThat(device.allocatedBytes()).isZero();
    }

    @Test
    void aSavedModelIsReadStrictly() throws IOException {
        Path path = folder.resolve("model.safetensors");
        try (Stego model = Stego.load(ReferenceVectors.open("pipeline"), device)) {
            save(path, model, model.info());
        }
        try (Safetensors saved = Safetensors.open(path)) {
            Map<String, TypedTensor> tensors = MemoryFiles.tensors(saved);
            tensors.put("linear_prob.weight", tensors.get("linear_probe.weight"));
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> Stego.load(MemoryFiles.file(tensors, saved.metadata()), device))
                    .withMessageContainingAll("\"linear_prob.weight\"", "a STEGO model has no such tensor");

            Map<String, String> newer = new HashMap<>(saved.metadata());
            newer.put("format_version", "2");
            assertThatExceptionOfType(ModelException.class)
                    .isThrownBy(() -> Stego.load(MemoryFiles.file(MemoryFiles.tensors(saved), newer), device))
                    .withMessageContainingAll("format version is \"2\"", "Use a newer stego-kernels");
        }
    }

    @Test
    void aDescriptionThatDoesNotFitIsNotSaved() {
        try (Stego model = Stego.load(ReferenceVectors.open("pipeline"), device)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ModelFile.of(model, INFO))
                    .withMessageContaining("5 class names are given, but the linear probe has 6 classes");
        }
    }

    @Test
    void closingFreesEverything() {
        try (Stego model = Stego.load(ReferenceVectors.open("pipeline"), device)) {
            assertThat(device.allocatedBytes()).isPositive();
            assertThat(model.head()).isPresent();
        }
        assertThat(device.allocatedBytes()).isZero();
    }

    private static void save(Path target, Stego model, ModelInfo info) throws IOException {
        AtomicFile.write(target, ModelFile.of(model, info)::writeTo);
    }

    /** {@link #INFO} with a sixth class. */
    private static ModelInfo named() {
        List<String> names =
                Stream.concat(INFO.classNames().stream(), Stream.of("water")).toList();
        List<Integer> colours =
                Stream.concat(INFO.colours().stream(), Stream.of(0x010203)).toList();
        return new ModelInfo(names, colours, List.of(4, 3, 2, 1, 0, 5), INFO.settings(), INFO.notes());
    }

    /** The reference model with other tensors and further metadata. */
    private Safetensors changed(Consumer<Map<String, TypedTensor>> change, Map<String, String> metadata) {
        Map<String, TypedTensor> tensors = MemoryFiles.tensors(reference);
        change.accept(tensors);
        Map<String, String> all = new HashMap<>(reference.metadata());
        all.putAll(metadata);
        return MemoryFiles.file(tensors, all);
    }

    /** {@code [3, H, W]} to {@code [2, 3, H, W]}: the image, and each of its rows from right to left. */
    private static float[] withMirrorImage(HostTensor image) {
        int width = image.shape().dim(2);
        float[] values = image.values();
        float[] both = new float[2 * values.length];
        for (int i = 0; i < values.length; i++) {
            both[i] = values[i];
            both[values.length + i] = values[i - i % width + width - 1 - i % width];
        }
        return both;
    }

    private float[] pixelsFirst(String name) {
        HostTensor tensor = reference.tensor(name);
        int[] dims = tensor.shape().dims();
        return channelsLast(HostTensor.of(tensor.values(), 1, dims[0], dims[1], dims[2]))
                .values();
    }
}
