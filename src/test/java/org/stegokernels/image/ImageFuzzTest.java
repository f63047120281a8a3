package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.stegokernels.image.Samples.encode;
import static org.stegokernels.image.Samples.jpeg;
import static org.stegokernels.image.Samples.picture;
import static org.stegokernels.image.Samples.resource;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.testing.FuzzRun;
import org.stegokernels.testing.Mutations;

/**
 * Damaged photographs: whatever happens to the bytes, there is a picture or an {@link ImageException}, within a second.
 * Fifty thousand of all formats: {@code mvn -Dtest=ImageFuzzTest -Dstego.fuzz.rounds=3300 test}.
 */
class ImageFuzzTest {
    private static final int USUAL_ROUNDS = 150;
    private static final ImageReader.Limits LIMITS = ImageReader.Limits.DEFAULT.withMaxPixels(1_000_000);
    /** The most memory for the pixels that a damaged header declares: 8 bytes for each of 4 bands. */
    private static final long ALLOWANCE = 4 * 8 * 4 * LIMITS.maxPixels();

    private static final List<byte[]> TOKENS = Stream.concat(
                    Stream.of("IHDR", "IDAT", "IEND", "iCCP", "zTXt", "ANMF", "ALPH", "VP8 ", "VP8L", "GIF89a")
                            .map(word -> word.getBytes(StandardCharsets.US_ASCII)),
                    Stream.of(
                            new byte[] {-1, (byte) 0xD8},
                            new byte[] {-1, (byte) 0xD9},
                            new byte[] {-1, (byte) 0xDA, 0, 8, 1, 1, 0, 0, 63, 0},
                            new byte[] {-1, (byte) 0xC4, 0, 4},
                            new byte[] {-1, (byte) 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0},
                            new byte[] {0x21, (byte) 0xF9, 4, 1, 0, 0, 0, 0},
                            new byte[] {0x53, 1, 3, 0, 1, 0, 0, 0, 3, 0, 0, 0},
                            new byte[] {0x11, 1, 4, 0, 1, 0, 0, 0, -1, -1, -1, 127}))
            .toList();

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "baseline.jpg",
                "progressive.jpg",
                "cmyk.jpg",
                "ycck.jpg",
                "plain.png",
                "plain.gif",
                "plain.bmp",
                "plain.tiff",
                "deflate.tif",
                "rotated.tif",
                "float.tif",
                "deep.tif",
                "lossy.webp",
                "lossless.webp",
                "alpha.webp"
            })
    void aDamagedPictureIsReadOrRefused(String name) throws IOException {
        byte[] original = original(name);
        Path file = folder.resolve(name);
        FuzzRun.Target target = bytes -> {
            Files.write(file, bytes);
            RgbImage image = ImageReader.read(file, LIMITS);
            assertThat(ImageReader.size(file)).isEqualTo(new Resize.Size(image.width(), image.height()));
        };
        FuzzRun run = new FuzzRun(name, ImageException.class, ALLOWANCE);
        run.round(-1, original, target);
        for (int seed = 0; seed < FuzzRun.rounds(USUAL_ROUNDS); seed++) {
            // Headers are the smaller part of a file and the more dangerous one.
            int end = seed % 2 == 0 ? Math.min(original.length, 300) : original.length;
            run.round(seed, new Mutations(seed, TOKENS).damage(original, 4, end), target);
        }
        run.finish();
    }

    private static byte[] original(String name) throws IOException {
        BufferedImage picture = picture(BufferedImage.TYPE_3BYTE_BGR);
        return switch (name) {
            case "baseline.jpg" -> jpeg(picture, false);
            case "progressive.jpg" -> jpeg(picture, true);
            case "plain.png", "plain.gif", "plain.bmp", "plain.tiff" ->
                encode(picture, name.substring(name.indexOf('.') + 1));
            case "float.tif" ->
                new TiffBuilder(2, 2, 1, 32)
                        .shorts(339, 3)
                        .reals(0f, 0.3f, 0.6f, 1f)
                        .build();
            case "deep.tif" ->
                new TiffBuilder(1, 2, 2, 16, 16, 16, 16)
                        .shorts(338, 2)
                        .integers(2, 1, 2, 3, 4, 4095, 6, 7, 8)
                        .build();
            default -> resource(name);
        };
    }
}
