package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.stegokernels.image.Samples.encode;
import static org.stegokernels.image.Samples.jpeg;
import static org.stegokernels.image.Samples.resource;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Every bad file ends in one ImageException that names it, and never in grey pixels. */
class BadImageTest {
    @TempDir
    Path folder;

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private static ImageReader.Limits limit(long maxPixels) {
        return ImageReader.Limits.DEFAULT.withMaxPixels(maxPixels);
    }

    private static void assertRefused(Path file, String... parts) {
        assertThatThrownBy(() -> ImageReader.read(file))
                .isInstanceOf(ImageException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContainingAll(parts);
    }

    @Test
    void missingFileFolderAndEmptyFile() throws IOException {
        assertRefused(folder.resolve("none.jpg"), "there is no such file", "check the path");
        assertRefused(folder, "is no regular file but a folder", "name a file in it");
        assertRefused(file("empty.png", new byte[0]), "the file is empty");
    }

    /** Opening a pipe would wait for a writer. */
    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @DisabledOnOs(OS.WINDOWS)
    void aPipeIsRefusedWithoutWaiting() throws Exception {
        Path pipe = folder.resolve("pipe.jpg");
        Process mkfifo = new ProcessBuilder("mkfifo", pipe.toString()).start();
        assumeTrue(mkfifo.waitFor() == 0, "no mkfifo here");
        assertRefused(pipe, "is no regular file but a pipe", "save its content to a file first");
        assertThatThrownBy(() -> ImageReader.size(pipe)).isInstanceOf(ImageException.class);
    }

    @Test
    void textAndShortFiles() throws IOException {
        assertRefused(
                file("notes.jpg", "Dear diary, today".getBytes(StandardCharsets.UTF_8)),
                "is not an image",
                "JPEG, PNG");
        assertRefused(file("x.jpg", new byte[] {'x'}), "is not an image");
    }

    @Test
    void heicIsNamed() throws IOException {
        byte[] heic = "....ftypheic....".getBytes(StandardCharsets.US_ASCII);
        assertRefused(file("phone.jpg", heic), "HEIC", "convert it to JPEG");
    }

    @Test
    void exceptionKnowsItsFile() {
        Path missing = folder.resolve("none.jpg");
        ImageException e = catchThrowableOfType(ImageException.class, () -> ImageReader.read(missing));
        assertThat(e.file()).isEqualTo(missing);
    }

    @Test
    void truncatedFilesAreErrors() throws IOException {
        for (Map.Entry<String, byte[]> sample : samples().entrySet()) {
            byte[] whole = sample.getValue();
            assertThat(ImageReader.read(file(sample.getKey(), whole)).width()).isEqualTo(120);
            for (double part : new double[] {0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98}) {
                Path cut = file("cut." + sample.getKey(), Arrays.copyOf(whole, (int) (part * whole.length)));
                assertThatThrownBy(() -> ImageReader.read(cut))
                        .as("%s cut to %s", sample.getKey(), part)
                        .isInstanceOf(ImageException.class);
            }
        }
    }

    @Test
    void truncatedJpegIsSaidToEndTooEarly() throws IOException {
        for (boolean progressive : new boolean[] {false, true}) {
            byte[] whole = jpeg(noise(), progressive);
            assertRefused(
                    file("half.jpg", Arrays.copyOf(whole, whole.length / 2)), "the file ends before the image does");
            assertRefused(
                    file("tail.jpg", Arrays.copyOf(whole, whole.length - 12)), "the file ends before the image does");
        }
    }

    @Test
    void truncatedWebpAndCmyk() throws IOException {
        for (String name : new String[] {"lossy.webp", "lossless.webp", "cmyk.jpg", "ycck.jpg"}) {
            byte[] whole = resource(name);
            assertRefused(file(name, Arrays.copyOf(whole, whole.length - 12)), "the file ends before the image does");
        }
    }

    /** Any damage gives a picture or an ImageException, soon; nothing else, however hostile the numbers get. */
    @Test
    @Timeout(300)
    void damagedFilesNeverEndInAnotherException() throws IOException {
        Random random = new Random(11);
        Map<String, byte[]> samples = samples();
        for (String name : new String[] {"cmyk.jpg", "lossy.webp", "lossless.webp", "alpha.webp", "rotated.tif"}) {
            samples.put(name, resource(name));
        }
        for (Map.Entry<String, byte[]> sample : samples.entrySet()) {
            for (int i = 0; i < 60; i++) {
                byte[] bytes = sample.getValue().clone();
                for (int j = 0; j <= random.nextInt(4); j++) {
                    bytes[4 + random.nextInt(Math.min(bytes.length, i % 2 == 0 ? 200 : bytes.length) - 4)] =
                            (byte) random.nextInt(256);
                }
                Path damaged = file("damaged." + sample.getKey(), bytes);
                try {
                    assertThat(ImageReader.read(damaged, limit(10_000_000)).pixels())
                            .isPositive();
                } catch (ImageException expected) {
                    assertThat(expected).hasMessageStartingWith(damaged + ": ");
                }
            }
        }
    }

    /** Found by random damage: more pixels in the header than data, which the decoder tried to read for a minute. */
    @Test
    @Timeout(30)
    void webpThatPromisesMoreThanItHasIsRefusedSoon() throws IOException {
        byte[] bytes = resource("rotated.webp");
        bytes[0x19] = (byte) 0xE1;
        bytes[0x2B] = (byte) 0xA6;
        assertRefused(file("long.webp", bytes), "damaged");
    }

    private static Map<String, byte[]> samples() throws IOException {
        Map<String, byte[]> samples = new LinkedHashMap<>();
        samples.put("baseline.jpg", jpeg(noise(), false));
        samples.put("progressive.jpg", jpeg(noise(), true));
        for (String format : new String[] {"png", "bmp", "gif", "tiff"}) {
            samples.put("noise." + format, encode(noise(), format));
        }
        return samples;
    }

    private static BufferedImage noise() {
        BufferedImage image = new BufferedImage(120, 80, BufferedImage.TYPE_3BYTE_BGR);
        Random random = new Random(5);
        for (int y = 0; y < 80; y++) {
            for (int x = 0; x < 120; x++) {
                image.setRGB(x, y, random.nextInt());
            }
        }
        return image;
    }

    @Test
    void hugeHeadersAreRefusedFromTheHeaderAlone() throws IOException {
        Map<String, byte[]> bombs = new LinkedHashMap<>();
        bombs.put("bomb.png", pngHeader(20_000, 20_000));
        bombs.put("bomb.jpg", jpegHeader(20_000, 20_000));
        bombs.put("bomb.bmp", bmpHeader(20_000, 20_000));
        bombs.put("bomb.gif", gifHeader(20_000, 20_000));
        ImageReader.read(file("warm-up.png", encode(noise(), "png")));
        for (Map.Entry<String, byte[]> bomb : bombs.entrySet()) {
            Path path = file(bomb.getKey(), bomb.getValue());
            long before = allocated();
            assertRefused(
                    path,
                    "20000 x 20000 pixels (400 megapixels), over the limit of 250",
                    "scale it down",
                    "--tile",
                    "--max-pixels");
            assertThat(allocated() - before).as("bytes for %s", bomb.getKey()).isLessThan(20_000_000);
        }
    }

    @Test
    void whatNoMemoryHoldsIsToBeReadInParts() throws IOException {
        Path path = file("large.png", pngHeader(30_000, 30_000));
        assertThatThrownBy(() -> ImageReader.read(path, limit(1_000_000_000)))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("(900 megapixels)")
                .hasMessageContaining("--tile")
                .hasMessageNotContaining("--max-pixels");
    }

    @Test
    void limitCountsAndCanBeSet() throws IOException {
        Path path = file("small.png", encode(noise(), "png"));
        assertThat(ImageReader.read(path, limit(120 * 80)).pixels()).isEqualTo(9600);
        assertThatThrownBy(() -> ImageReader.read(path, limit(120 * 80 - 1))).hasMessageContaining("120 x 80 pixels");
        Path array = file("array.png", pngHeader(30_000, 30_000));
        assertThatThrownBy(() -> ImageReader.read(array, limit(Long.MAX_VALUE)))
                .hasMessageContaining("over the limit of 716");
    }

    @Test
    @Timeout(60)
    void aPictureThatTakesTooLongIsRefused() throws IOException {
        ImageReader.Limits soon = ImageReader.Limits.DEFAULT.withTimeout(Duration.ofMillis(1));
        BufferedImage large = new BufferedImage(8000, 6000, BufferedImage.TYPE_BYTE_GRAY);
        for (String format : new String[] {"png", "bmp", "gif", "jpg", "tiff"}) {
            Path path = file("large." + format, encode(large, format));
            assertThatThrownBy(() -> ImageReader.read(path, soon))
                    .as(format)
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("reading it takes longer than 0.00100 seconds")
                    .hasMessageContaining("--timeout");
        }
    }

    /** A directory whose entries all point to the same bytes would have the decoder keep them a thousand times. */
    @Test
    @Timeout(60)
    void tiffWhoseEntriesShareTheirBytesIsRefusedWithoutKeepingThem() throws IOException {
        TiffBuilder tiff = new TiffBuilder(1, 1, 1, 8).integers(1, 200);
        byte[] shared = new byte[1 << 20];
        for (int tag = 50_000; tag < 50_400; tag++) {
            tiff.bytes(tag, shared);
        }
        Path bomb = file("bomb.tif", tiff.build());
        ImageReader.read(
                file("warm-up.tif", new TiffBuilder(1, 1, 1, 8).integers(1, 200).build()));
        long before = allocated();
        assertRefused(bomb, "damaged");
        assertThat(allocated() - before).isLessThan(100_000_000);
    }

    private static long allocated() {
        assumeTrue(
                ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean,
                "this JVM does not count allocations");
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private static byte[] pngHeader(int width, int height) {
        ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height).put(new byte[] {8, 2, 0, 0, 0});
        ByteBuffer file = ByteBuffer.allocate(64).put(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 26, '\n'});
        CRC32 crc = new CRC32();
        crc.update("IHDR".getBytes(StandardCharsets.US_ASCII));
        crc.update(header.array());
        file.putInt(13).put("IHDR".getBytes(StandardCharsets.US_ASCII)).put(header.array());
        return file.putInt((int) crc.getValue()).array();
    }

    /** Start of image, frame header of three components, start of scan. */
    private static byte[] jpegHeader(int width, int height) {
        ByteBuffer file = ByteBuffer.allocate(64).putShort((short) 0xFFD8);
        file.putShort((short) 0xFFC0).putShort((short) 17).put((byte) 8);
        file.putShort((short) height).putShort((short) width).put((byte) 3);
        file.put(new byte[] {1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0});
        file.putShort((short) 0xFFDA).putShort((short) 12).put(new byte[] {3, 1, 0, 2, 0, 3, 0, 0, 63, 0});
        return file.array();
    }

    private static byte[] bmpHeader(int width, int height) {
        ByteBuffer file = ByteBuffer.allocate(64).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        file.put(new byte[] {'B', 'M'})
                .putInt(3 * width * height + 54)
                .putInt(0)
                .putInt(54);
        file.putInt(40).putInt(width).putInt(height).putShort((short) 1).putShort((short) 24);
        return file.array();
    }

    private static byte[] gifHeader(int width, int height) {
        ByteBuffer file = ByteBuffer.allocate(64).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        file.put("GIF89a".getBytes(StandardCharsets.US_ASCII));
        file.putShort((short) width).putShort((short) height).put(new byte[] {(byte) 0x80, 0, 0, 0, 0, 0, -1, -1, -1});
        file.put((byte) 0x2C)
                .putInt(0)
                .putShort((short) width)
                .putShort((short) height)
                .put((byte) 0);
        return file.put((byte) 2).array();
    }
}
