package org.stegokernels.image.webp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.stegokernels.image.webp.WebpFiles.ANIMATED;
import static org.stegokernels.image.webp.WebpFiles.chunk;
import static org.stegokernels.image.webp.WebpFiles.extended;
import static org.stegokernels.image.webp.WebpFiles.file;
import static org.stegokernels.image.webp.WebpFiles.frame;
import static org.stegokernels.image.webp.WebpFiles.plain;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebpImageReaderTest {
    private static final int ORANGE = 0xFFF0A01E;
    private static final int BLUE = 0x80283CC8;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lossy-normal",
                "lossy-simple",
                "lossy-coarse",
                "lossy-right-edge",
                "lossy-partitions",
                "lossy-fine",
                "lossy-one-pixel",
                "alpha-lossless",
                "alpha-raw",
                "alpha-gradient",
                "lossless-scene",
                "lossless-alpha",
                "palette-2",
                "palette-3",
                "palette-11",
                "palette-200",
                "animation-lossy",
                "animation-lossless"
            })
    void pixelsAreThoseOfLibwebp(String name) throws IOException {
        BufferedImage expected = ImageIO.read(WebpImageReaderTest.class.getResource(name + ".png"));
        BufferedImage image = WebpFiles.read(resource(name + ".webp"));
        assertThat(image.getColorModel().hasAlpha())
                .isEqualTo(expected.getColorModel().hasAlpha());
        assertThat(pixels(image)).isDeepEqualTo(pixels(expected));
    }

    @Test
    void firstFrameLiesAtItsPlaceOnTheCanvas() throws IOException {
        byte[] first = frame(4, 2, 3, 2, plain(3, 2, ORANGE));
        byte[] second = frame(0, 0, 9, 7, plain(9, 7, BLUE));
        BufferedImage image = WebpFiles.read(
                file(extended(ANIMATED, 9, 7), chunk("ANIM", new byte[] {1, 2, 3, -1, 0, 0}), first, second));
        int[][] expected = new int[7][9];
        for (int y = 2; y < 4; y++) {
            Arrays.fill(expected[y], 4, 7, ORANGE);
        }
        assertThat(pixels(image)).isDeepEqualTo(expected);
    }

    @Test
    void opaqueLossyFrameIsOpaqueOnATransparentCanvas() throws IOException {
        byte[] lossy = resource("lossy-fine.webp");
        byte[] picture = Arrays.copyOfRange(lossy, 12, lossy.length);
        BufferedImage alone = WebpFiles.read(lossy);
        BufferedImage image = WebpFiles.read(
                file(extended(ANIMATED, 40, 30), frame(6, 12, 33, 17, chunk("JUNK", new byte[3]), picture)));
        assertThat(image.getWidth()).isEqualTo(40);
        assertThat(pixels(image.getSubimage(6, 12, 33, 17))).isDeepEqualTo(pixels(alone));
        assertThat(image.getRGB(5, 12)).isZero();
        assertThat(image.getRGB(39, 12)).isZero();
        assertThat(image.getRGB(6, 11)).isZero();
        assertThat(image.getRGB(6, 29)).isZero();
    }

    @Test
    void unknownChunksOfOddLengthArePassedOver() throws IOException {
        byte[] picture = plain(5, 3, BLUE);
        for (byte[] file : new byte[][] {
            file(picture),
            file(chunk("NEWS", new byte[5]), picture),
            file(extended(0, 5, 3), chunk("ICCP", new byte[7]), picture, chunk("XMP ", new byte[9])),
        }) {
            BufferedImage image = WebpFiles.read(file);
            assertThat(image.getWidth()).isEqualTo(5);
            assertThat(image.getHeight()).isEqualTo(3);
            assertThat(image.getRGB(4, 2)).isEqualTo(BLUE);
        }
    }

    @Test
    void lastByteOfPaddingMayBeMissing() throws IOException {
        byte[] whole = file(plain(5, 3, ORANGE), chunk("XMP ", new byte[9]));
        assertThat(WebpFiles.read(Arrays.copyOf(whole, whole.length - 1)).getRGB(0, 0))
                .isEqualTo(ORANGE);
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream input = WebpImageReaderTest.class.getResourceAsStream(name)) {
            return input.readAllBytes();
        }
    }

    private static int[][] pixels(BufferedImage image) {
        int[][] rows = new int[image.getHeight()][];
        for (int y = 0; y < rows.length; y++) {
            rows[y] = image.getRGB(0, y, image.getWidth(), 1, null, 0, image.getWidth());
        }
        return rows;
    }
}
