package org.stegokernels.image.webp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.stegokernels.image.webp.WebpFiles.ANIMATED;
import static org.stegokernels.image.webp.WebpFiles.chunk;
import static org.stegokernels.image.webp.WebpFiles.extended;
import static org.stegokernels.image.webp.WebpFiles.file;
import static org.stegokernels.image.webp.WebpFiles.frame;
import static org.stegokernels.image.webp.WebpFiles.plain;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.IIOException;
import javax.imageio.ImageReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lengths and sizes are believed only as far as the file bears them out. */
class HostileWebpTest {
    private static final int RED = 0xFFFF0000;

    @Test
    void chunkLengthsBeyondTheFileAskForNoMemory() throws IOException {
        byte[] canvas = extended(ANIMATED, 20, 10);
        byte[][] files = {
            file(plain(20, 10, RED), chunk("EXIF", new byte[92])),
            file(extended(0, 20, 10), chunk("ALPH", new byte[30]), chunk("VP8 ", new byte[60])),
            file(canvas, frame(0, 0, 20, 10, chunk("VP8 ", new byte[60]))),
        };
        int[] lengths = {16, 34, 70};
        for (int i = 0; i < files.length; i++) {
            ByteBuffer bytes = ByteBuffer.wrap(files[i]).order(ByteOrder.LITTLE_ENDIAN);
            for (int length : new int[] {1 << 30, Integer.MAX_VALUE, -2}) {
                byte[] file = bytes.putInt(lengths[i], length).array();
                long before = allocated();
                assertThatThrownBy(() -> WebpFiles.read(file)).isInstanceOf(IOException.class);
                assertThat(allocated() - before).isLessThan(4_000_000);
            }
        }
    }

    @Test
    void moreMacroblocksThanTheDataCanHoldAskForNoMemory() throws IOException {
        byte[] file = resource("lossy-normal.webp");
        ByteBuffer.wrap(file)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(26, (short) 9999)
                .putShort(28, (short) 9999);
        long before = allocated();
        assertDamaged("too short for so many pixels", file);
        assertThat(allocated() - before).isLessThan(4_000_000);
    }

    @Test
    void losslessPixelsAreAllocatedOnlyOnceTheirCodesAreThere() throws IOException {
        byte[] file = file(plain(9999, 9999, RED));
        Arrays.fill(file, 25, file.length, (byte) 0);
        long before = allocated();
        assertDamaged("prefix code is not complete", file);
        assertThat(allocated() - before).isLessThan(4_000_000);
    }

    @Test
    void sizeIsReadWithoutMemoryForThePixels() throws IOException {
        ImageReader reader = new WebpImageReader();
        byte[] file = file(plain(16384, 16384, RED));
        long before = allocated();
        reader.setInput(WebpFiles.input(file), false, true);
        assertThat(reader.getWidth(0)).isEqualTo(16384);
        assertThat(reader.getHeight(0)).isEqualTo(16384);
        assertThat(allocated() - before).isLessThan(4_000_000);
    }

    @Test
    void fileThatEndsEarlyIsSaidToDoSo() throws IOException {
        for (String name : new String[] {"lossy-normal", "alpha-raw", "lossless-scene", "animation-lossless"}) {
            byte[] whole = resource(name + ".webp");
            for (int length = 12; length < whole.length - 1; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThatThrownBy(() -> WebpFiles.read(cut)).isInstanceOf(EOFException.class);
            }
        }
    }

    @Test
    void pictureThatEndsBeforeItsChunkIsDamaged() throws IOException {
        for (String name : new String[] {"lossy-normal", "lossless-scene"}) {
            byte[] whole = resource(name + ".webp");
            String type = new String(whole, 12, 4, StandardCharsets.US_ASCII);
            for (int part : new int[] {20, 40, 60, 80, 95}) {
                byte[] picture = Arrays.copyOfRange(whole, 20, 20 + (whole.length - 20) * part / 100);
                assertThatThrownBy(() -> WebpFiles.read(file(chunk(type, picture))))
                        .isInstanceOf(IIOException.class)
                        .hasMessageMatching(".*(ends? too early|longer than the lossy frame)");
            }
        }
    }

    @Test
    void contradictionsAreDamage() {
        assertDamaged("has no picture", file(extended(0, 4, 4)));
        assertDamaged("has no picture", file(extended(ANIMATED, 4, 4), plain(4, 4, RED)));
        assertDamaged("another size than its frame", file(extended(0, 4, 4), plain(4, 5, RED)));
        assertDamaged("another size", file(extended(ANIMATED, 9, 9), frame(0, 0, 5, 4, plain(4, 4, RED))));
        assertDamaged("leaves the canvas", file(extended(ANIMATED, 9, 9), frame(6, 0, 4, 4, plain(4, 4, RED))));
        assertDamaged("leaves the canvas", file(extended(ANIMATED, 9, 9), frame(0, 6, 4, 4, plain(4, 4, RED))));
        assertDamaged("header is too short", file(chunk("VP8X", new byte[6])));
        assertDamaged("shorter than its header", file(chunk("VP8 ", new byte[9])));
        assertDamaged("not one that stands alone", file(chunk("VP8 ", new byte[] {1}, new byte[30])));
        assertDamaged("lacks its signature", file(chunk("VP8L", new byte[30])));
        byte[] tooLong = file(extended(ANIMATED, 4, 4), frame(0, 0, 4, 4, plain(4, 4, RED)), plain(4, 4, RED));
        tooLong[58]++;
        tooLong[58]++;
        assertDamaged("longer than what it is part of", tooLong);
    }

    private static void assertDamaged(String reason, byte[] file) {
        assertThatThrownBy(() -> WebpFiles.read(file))
                .isInstanceOf(IIOException.class)
                .hasMessageContaining(reason);
    }

    @Test
    @Timeout(120)
    void randomDamageEndsInAPictureOrAnIOException() throws IOException {
        Random random = new Random(7);
        String[] names = {
            "lossy-normal",
            "lossy-simple",
            "alpha-lossless",
            "lossless-scene",
            "lossless-alpha",
            "palette-200",
            "animation-lossy",
            "animation-lossless"
        };
        for (String name : names) {
            byte[] whole = resource(name + ".webp");
            int refused = 0;
            for (int i = 0; i < 1000; i++) {
                byte[] file = whole.clone();
                for (int j = 0; j <= random.nextInt(4); j++) {
                    // The sizes stay, so that none asks for more than a test should take.
                    file[40 + random.nextInt(file.length - 40)] = (byte) random.nextInt(256);
                }
                try {
                    WebpFiles.read(file);
                } catch (IOException expected) {
                    refused++;
                }
            }
            assertThat(refused).as(name).isPositive();
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream input = HostileWebpTest.class.getResourceAsStream(name)) {
            return input.readAllBytes();
        }
    }

    private static long allocated() {
        assumeTrue(
                ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean,
                "this JVM does not count allocations");
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
