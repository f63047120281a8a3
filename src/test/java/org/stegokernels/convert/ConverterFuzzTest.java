package org.stegokernels.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.testing.FuzzRun;
import org.stegokernels.testing.Mutations;
import org.stegokernels.weights.ByteSource;
import org.stegokernels.weights.TypedTensor.DType;

/**
 * Damaged checkpoints through the whole converter. A million of them: {@code mvn -Dtest=ConverterFuzzTest
 * -Dstego.fuzz.rounds=200000 test} (there are five kinds).
 */
class ConverterFuzzTest {
    private static final int USUAL_ROUNDS = 1000;
    private static final CheckpointConverter.Options OPTIONS =
            CheckpointConverter.Options.DEFAULT.withHeads(2).withType(DType.F16);
    /** Opcodes with hostile arguments, names, and words of headers. */
    private static final List<byte[]> TOKENS = Stream.concat(
                    Stream.of(
                            new byte[] {'('},
                            new byte[] {'0'},
                            new byte[] {'1'},
                            new byte[] {'2', '2', '2', '2'},
                            new byte[] {'}'},
                            new byte[] {']'},
                            new byte[] {')'},
                            new byte[] {'t'},
                            new byte[] {'R'},
                            new byte[] {'b'},
                            new byte[] {'Q'},
                            new byte[] {'u'},
                            new byte[] {'e'},
                            new byte[] {'s'},
                            new byte[] {'a'},
                            new byte[] {'.'},
                            new byte[] {'h', 0},
                            new byte[] {'q', 1},
                            new byte[] {'K', 7},
                            new byte[] {'N'},
                            new byte[] {'X', -1, -1, -1, 127},
                            new byte[] {'T', -1, -1, -1, -1},
                            new byte[] {'B', 0, 0, 0, 64},
                            new byte[] {(byte) 0x8e, 0, 0, 0, 0, 1, 0, 0, 0},
                            new byte[] {(byte) 0x8b, -1, -1, -1, 127},
                            new byte[] {(byte) 0x8a, 8, -1, -1, -1, -1, -1, -1, -1, 127},
                            new byte[] {(byte) 0x95, -1, -1, -1, -1, -1, -1, -1, 127},
                            new byte[] {'r', -1, -1, -1, 127},
                            new byte[] {(byte) 0x93},
                            new byte[] {(byte) 0x94},
                            new byte[] {(byte) 0x81}),
                    Stream.of(
                                    "cos\nsystem\n",
                                    "ctorch\nFloatStorage\n",
                                    "ctorch\nDoubleStorage\n",
                                    "ccollections\nOrderedDict\n)R",
                                    "ctorch._utils\n_rebuild_tensor_v2\n",
                                    "L99999999999999999999999L\n",
                                    "I-1\n",
                                    "F1e999\n",
                                    "S'a'\n",
                                    "p0\ng0\n",
                                    "\"dtype\":\"F32\"",
                                    "\"shape\":[]",
                                    "[0,0]",
                                    "{",
                                    "}",
                                    "-1",
                                    "99999999999")
                            .map(text -> text.getBytes(StandardCharsets.ISO_8859_1)))
            .toList();

    private static void convert(byte[] bytes) throws IOException {
        try (OpenedCheckpoint checkpoint = OpenedCheckpoint.of(ByteSource.memory("fuzzed", ByteBuffer.wrap(bytes)))) {
            CheckpointConverter.write(checkpoint, OPTIONS, OutputStream.nullOutputStream());
        }
    }

    private static byte[] read(String name) throws IOException {
        return Files.readAllBytes(Checkpoints.file(name));
    }

    /** Also loads all classes, whose memory would be counted as that of the first file. */
    @BeforeAll
    static void theUndamagedFilesAreConverted() throws IOException {
        for (String name : List.of("dino.pth", "dino_full.pth", "stego.ckpt", "hf_dinov2_reg.safetensors")) {
            convert(read(name));
        }
        convert(zipped(entries("dinov2_reg.pth")));
    }

    /** The pickle changes its length, and the archive around it is right. */
    @ParameterizedTest
    @ValueSource(strings = {"dinov2_reg.pth", "stego.ckpt"})
    void picklesInAGoodArchive(String name) throws IOException {
        Map<String, byte[]> entries = entries(name);
        String pickle = entries.keySet().iterator().next();
        assertThat(pickle).endsWith("/data.pkl");
        byte[] good = entries.get(pickle);
        fuzz("pickle in " + name, seed -> {
            Map<String, byte[]> damaged = new LinkedHashMap<>(entries);
            damaged.put(pickle, new Mutations(seed, TOKENS).damage(good, 0, good.length));
            return zipped(damaged);
        });
    }

    @Test
    void archives() throws IOException {
        byte[] good = read("dino.pth");
        int directory = good.length - 3000;
        fuzz("zip archive", seed -> new Mutations(seed, TOKENS).damage(good, directory, good.length));
    }

    @Test
    void legacyFiles() throws IOException {
        byte[] good = read("dino_full.pth");
        int pickle = new String(good, StandardCharsets.ISO_8859_1).indexOf("pickle_proto") + 8000;
        fuzz("legacy file", seed -> new Mutations(seed, TOKENS).damage(good, 0, Math.min(pickle, good.length)));
    }

    /** The header changes its length, which is given rightly. */
    @Test
    void safetensorsHeaders() throws IOException {
        byte[] good = read("hf_dinov2_reg.safetensors");
        int header = (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong();
        byte[] data = Arrays.copyOfRange(good, 8 + header, good.length);
        byte[] text = Arrays.copyOfRange(good, 8, 8 + header);
        fuzz("safetensors header", seed -> {
            byte[] damaged = new Mutations(seed, TOKENS).damage(text, 0, text.length);
            return ByteBuffer.allocate(8 + damaged.length + data.length)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(damaged.length)
                    .put(damaged)
                    .put(data)
                    .array();
        });
    }

    private interface Damage {
        byte[] file(long seed) throws IOException;
    }

    private static void fuzz(String name, Damage damage) throws IOException {
        FuzzRun run = new FuzzRun(name);
        for (long seed = 0; seed < FuzzRun.rounds(USUAL_ROUNDS); seed++) {
            run.round(seed, damage.file(seed), ConverterFuzzTest::convert);
        }
        run.finish();
    }

    /** Entries by name, the pickle first. */
    private static Map<String, byte[]> entries(String archive) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(Checkpoints.file(archive).toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        return entries;
    }

    private static byte[] zipped(Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> content : entries.entrySet()) {
                CRC32 crc = new CRC32();
                crc.update(content.getValue());
                ZipEntry entry = new ZipEntry(content.getKey());
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(content.getValue().length);
                entry.setCrc(crc.getValue());
                out.putNextEntry(entry);
                out.write(content.getValue());
            }
        }
        return bytes.toByteArray();
    }
}
