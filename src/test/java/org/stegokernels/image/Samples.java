package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.assertj.core.data.Offset;

/** A picture of six flat patches, 3 wide and 2 high, 16 pixels each, and the means to encode and recognise it. */
final class Samples {
    static final int PATCH = 16;
    static final int WIDTH = 3 * PATCH;
    static final int HEIGHT = 2 * PATCH;
    /** Red, green, blue, white, black, orange: 0xRRGGBB, row by row. */
    static final int[] PATCHES = {0xDC2828, 0x28B43C, 0x283CC8, 0xFFFFFF, 0x000000, 0xF0A01E};

    private Samples() {}

    static int color(int x, int y) {
        return PATCHES[y / PATCH * 3 + x / PATCH];
    }

    static int grey(int color) {
        return ((color >> 16 & 0xFF) + (color >> 8 & 0xFF) + (color & 0xFF)) / 3;
    }

    static BufferedImage picture(int type) {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, type);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                image.setRGB(x, y, 0xFF000000 | color(x, y));
            }
        }
        return image;
    }

    static byte[] encode(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, bytes))
                .as("writer of " + format)
                .isTrue();
        return bytes.toByteArray();
    }

    static byte[] jpeg(BufferedImage image, boolean progressive) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName("jpeg");
        ImageWriter writer = writers.next();
        ImageWriteParam settings = writer.getDefaultWriteParam();
        settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        settings.setCompressionQuality(0.95f);
        settings.setProgressiveMode(progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), settings);
        }
        writer.dispose();
        return bytes.toByteArray();
    }

    static byte[] resource(String name) throws IOException {
        try (var in = Samples.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }

    /** The colour in the middle of a patch, as [red, green, blue]. */
    static int[] middle(RgbImage image, int column, int row) {
        int at = 3 * ((row * PATCH + PATCH / 2) * image.width() + column * PATCH + PATCH / 2);
        return new int[] {image.rgb()[at] & 0xFF, image.rgb()[at + 1] & 0xFF, image.rgb()[at + 2] & 0xFF};
    }

    /** @param patches expected 0xRRGGBB, row by row */
    static void assertPatches(RgbImage image, int columns, int tolerance, int... patches) {
        assertThat(image.width()).isEqualTo(columns * PATCH);
        assertThat(image.height()).isEqualTo(patches.length / columns * PATCH);
        for (int i = 0; i < patches.length; i++) {
            int[] seen = middle(image, i % columns, i / columns);
            for (int channel = 0; channel < 3; channel++) {
                assertThat(seen[channel])
                        .as("channel %d of patch %d", channel, i)
                        .isCloseTo(patches[i] >> (16 - 8 * channel) & 0xFF, Offset.offset(tolerance));
            }
        }
    }
}
