package org.stegokernels.convert;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.stego.ModelFile;
import org.stegokernels.stego.Stego;
import org.stegokernels.testing.FuzzRun;
import org.stegokernels.testing.MemoryFiles;
import org.stegokernels.testing.Mutations;
import org.stegokernels.vit.HuggingFaceConfig;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TypedTensor;

/**
 * Damage to what stands beside and before the weights of a model: settings, indexes, shards, metadata. With the other
 * kinds of model files, 200,000 in one process: {@code mvn -Dtest='ModelFolderFuzzTest,ConverterFuzzTest,SafetensorsFuzzTest'
 * -Dstego.fuzz.rounds=18500 test} (there are eleven kinds).
 */
class ModelFolderFuzzTest {
    private static final int USUAL_ROUNDS = 300;
    /** Opened shards and a loaded model, whatever is wrong with them. */
    private static final long ALLOWANCE = 8L << 20;

    private static final CheckpointConverter.Options TWO_HEADS = CheckpointConverter.Options.DEFAULT.withHeads(2);
    private static final List<byte[]> TOKENS = Stream.of(
                    "{",
                    "}",
                    "[",
                    "]",
                    ",",
                    ":",
                    "\"",
                    "0",
                    "-1",
                    "4",
                    "9999999999",
                    "1e999",
                    "1e-99",
                    "2.5",
                    "null",
                    "true",
                    "false",
                    "\"gelu\"",
                    "\"relu\"",
                    "\"vision_config\":{",
                    "\"encoder\":",
                    "\"image_size\":[",
                    "\"mlp_ratio\":",
                    "\"weight_map\":{",
                    "\"../model.safetensors\"",
                    "\"input_size\":",
                    "\"alpha\":",
                    "\u0000",
                    "\ud83d\ude00",
                    "\\ud800",
                    "\n",
                    "#ffffff",
                    "[".repeat(40))
            .map(word -> word.getBytes(StandardCharsets.UTF_8))
            .toList();

    @TempDir
    Path folder;

    private Device device;

    @BeforeEach
    void open() {
        device = Devices.choose("cpu").open(Device.Options.DEFAULT);
    }

    @AfterEach
    void close() {
        device.close();
    }

    private interface Damage {
        byte[] file(long seed) throws IOException;
    }

    /** Once with the file as it is, so that loading classes is not counted. */
    private static void fuzz(String name, byte[] good, Damage damage, FuzzRun.Target target) throws Exception {
        target.read(good);
        FuzzRun run = new FuzzRun(name, ModelException.class, ALLOWANCE);
        for (long seed = 0; seed < FuzzRun.rounds(USUAL_ROUNDS); seed++) {
            run.round(seed, damage.file(seed), target);
        }
        run.finish();
    }

    /** Every other one is UTF-8 all the same, so that more of it is read. */
    private static byte[] damagedText(long seed, byte[] good) {
        byte[] damaged = new Mutations(seed, TOKENS).damage(good, 0, good.length);
        return seed % 2 == 0 ? damaged : new String(damaged, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void settingsBesideTheWeights() throws Exception {
        Path weights = Checkpoints.file("hf_settings").resolve("model.safetensors");
        byte[] good = Files.readAllBytes(weights.resolveSibling("config.json"));
        fuzz("config.json", good, seed -> damagedText(seed, good), bytes -> {
            Files.write(folder.resolve("config.json"), bytes);
            try (OpenedCheckpoint opened = OpenedCheckpoint.open(weights)) {
                ConversionPlan.of(opened, OptionalInt.empty(), HuggingFaceConfig.beside(folder.resolve("any.pth")));
            }
        });
    }

    private void convert(Path file) throws IOException {
        try (OpenedCheckpoint opened = OpenedCheckpoint.open(file)) {
            CheckpointConverter.write(opened, TWO_HEADS, OutputStream.nullOutputStream());
        }
    }

    private List<Path> copies() throws IOException {
        List<Path> copies = new ArrayList<>();
        for (String name : List.of(
                "hf_vit.safetensors.index.json",
                "hf_vit-00001-of-00002.safetensors",
                "hf_vit-00002-of-00002.safetensors")) {
            copies.add(Files.copy(Checkpoints.file(name), folder.resolve(name)));
        }
        return copies;
    }

    @Test
    void indexesOfShards() throws Exception {
        Path index = copies().get(0);
        byte[] good = Files.readAllBytes(index);
        fuzz("index of shards", good, seed -> damagedText(seed, good), bytes -> convert(Files.write(index, bytes)));
    }

    /** The header changes its length, which is given rightly. */
    @Test
    void shards() throws Exception {
        List<Path> files = copies();
        byte[] good = Files.readAllBytes(files.get(1));
        int header = (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong();
        byte[] text = Arrays.copyOfRange(good, 8, 8 + header);
        byte[] data = Arrays.copyOfRange(good, 8 + header, good.length);
        Damage ofHeader = seed -> {
            byte[] damaged = new Mutations(seed, TOKENS).damage(text, 0, text.length);
            return ByteBuffer.allocate(8 + damaged.length + data.length)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(damaged.length)
                    .put(damaged)
                    .put(data)
                    .array();
        };
        fuzz("shard", good, ofHeader, bytes -> {
            Files.write(files.get(1), bytes);
            convert(files.get(0));
        });
    }

    /** One entry of each file is damaged; files that are not refused are loaded. */
    @Test
    void metadataOfModels() throws Exception {
        Map<String, String> metadata = new TreeMap<>(Map.of(
                "format", "stego-kernels",
                "format_version", "1",
                "num_heads", "4",
                "layer_norm_eps", "1e-6",
                "class_names", "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]",
                "colours", "[\"#000000\",\"#0000ff\",\"#00ff00\",\"#ff0000\",\"#ffff00\",\"#ffffff\"]",
                "cluster_to_class", "[0,1,2,3,4,5]",
                "settings",
                        "{\"feature\":\"KK\",\"input_size\":320,\"alpha\":2.0,\"source\":\"s\",\"licence\":\"l\"}"));
        List<String> keys = List.copyOf(metadata.keySet());
        Map<String, TypedTensor> tensors;
        try (Safetensors model = Safetensors.open(Path.of("kernels", "reference", "pipeline.safetensors"))) {
            tensors = MemoryFiles.tensors(model);
            tensors.keySet()
                    .retainAll(model.names().stream()
                            .filter(name -> name.startsWith(ModelFile.BACKBONE) || ModelFile.PARTS.contains(name))
                            .toList());
            byte[] good = MemoryFiles.bytes(tensors, metadata);
            fuzz(
                    "metadata",
                    good,
                    seed -> {
                        String key = keys.get((int) (seed % keys.size()));
                        byte[] value = metadata.get(key).getBytes(StandardCharsets.UTF_8);
                        byte[] damaged = new Mutations(seed, TOKENS).damage(value, 0, value.length);
                        Map<String, String> changed = new TreeMap<>(metadata);
                        changed.put(key, new String(damaged, StandardCharsets.UTF_8));
                        return MemoryFiles.bytes(tensors, changed);
                    },
                    bytes -> Stego.load(Safetensors.of("fuzzed", ByteBuffer.wrap(bytes)), device)
                            .close());
        }
    }
}
