package org.stegokernels.data;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.testing.FuzzRun;
import org.stegokernels.testing.Mutations;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.MatFile;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Sinks;

/**
 * Damaged label maps and tiles: whatever happens to the bytes, nothing but an {@link ImageException} comes out. A million
 * rounds: {@code mvn -Dtest=LabelFileFuzzTest -Dstego.fuzz.rounds=170000 test} (there are six kinds).
 */
class LabelFileFuzzTest {
    private static final int USUAL_ROUNDS = 2000;
    private static final int SIDE = 24;
    private static final ImageReader.Limits LIMITS = ImageReader.Limits.DEFAULT.withMaxPixels(100_000_000);
    /** A damaged header may declare as many pixels as are allowed, which are stored and then copied. */
    private static final long LARGEST_PICTURE = 4 * LIMITS.maxPixels();
    /** Deflated zeros grow a thousandfold. */
    private static final long LARGEST_TILE = 4 << 20;

    private static final List<byte[]> TOKENS = Stream.concat(
                    Stream.of("IHDR", "PLTE", "IDAT", "IEND", "tRNS", "iCCP", "zTXt", "gt", "img", "IM", "MI")
                            .map(word -> word.getBytes(StandardCharsets.US_ASCII)),
                    Stream.of(
                            new byte[] {5, 0, 0, 0, 8, 0, 0, 0, -1, -1, -1, 127, -1, -1, -1, 127},
                            new byte[] {14, 0, 0, 0, -1, -1, -1, -1},
                            new byte[] {15, 0, 0, 0, 16, 0, 0, 0},
                            new byte[] {1, 0, 2, 0, 'g', 't', 0, 0},
                            new byte[] {0, 0, 39, 16, 0, 0, 39, 16}))
            .toList();

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"1, false", "4, true", "8, false", "16, true"})
    void damagedPngIsRefused(int bits, boolean interlaced) throws IOException {
        Path file = folder.resolve("labels.png");
        run("PNG of " + bits + " bits", png(bits, interlaced), 8, LARGEST_PICTURE, bytes -> {
            Files.write(file, bytes);
            PalettePng.read(file, LIMITS);
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void damagedMatlabFileIsRefused(boolean compressed) throws IOException {
        Path file = folder.resolve("tile.mat");
        run(compressed ? "compressed MATLAB file" : "MATLAB file", mat(compressed), 124, LARGEST_TILE, bytes -> {
            Files.write(file, bytes);
            MatImage.labels(file, LIMITS);
        });
    }

    private static void run(String name, byte[] original, int from, long allowance, FuzzRun.Target target) {
        assertThatCode(() -> target.read(original)).doesNotThrowAnyException();
        FuzzRun run = new FuzzRun(name, ImageException.class, allowance);
        for (int seed = 0; seed < FuzzRun.rounds(USUAL_ROUNDS); seed++) {
            run.round(seed, new Mutations(seed, TOKENS).damage(original, from, original.length), target);
        }
        run.finish();
    }

    private static byte[] png(int bits, boolean interlaced) throws IOException {
        byte[] levels = new byte[1 << Math.min(bits, 4)];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = (byte) (i * 16);
        }
        BufferedImage image = switch (bits) {
            case 8 -> new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
            case 16 -> new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_USHORT_GRAY);
            default ->
                new BufferedImage(
                        SIDE,
                        SIDE,
                        BufferedImage.TYPE_BYTE_BINARY,
                        new IndexColorModel(bits, levels.length, levels, levels, levels));
        };
        Random random = new Random(bits);
        for (int i = 0; i < SIDE * SIDE; i++) {
            image.getRaster().setSample(i % SIDE, i / SIDE, 0, random.nextInt(2));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        ImageWriteParam param = writer.getDefaultWriteParam();
        param.setProgressiveMode(interlaced ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
        try (var out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), param);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private byte[] mat(boolean compressed) throws IOException {
        Matrix labels = Mat5.newMatrix(SIDE, SIDE, MatlabType.UInt8);
        Random random = new Random(0);
        for (int i = 0; i < SIDE * SIDE; i++) {
            labels.setInt(i, random.nextInt(6));
        }
        MatFile contents =
                Mat5.newMatFile().addArray("name", Mat5.newString("tile")).addArray("gt", labels);
        Path file = folder.resolve("original.mat");
        try (var sink = Sinks.newStreamingFile(file.toFile())) {
            Mat5.newWriter(sink)
                    .setDeflateLevel(compressed ? Deflater.DEFAULT_COMPRESSION : Deflater.NO_COMPRESSION)
                    .writeMat(contents);
        }
        return Files.readAllBytes(file);
    }
}
