package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.stegokernels.image.Samples.PATCHES;
import static org.stegokernels.image.Samples.assertPatches;
import static org.stegokernels.image.Samples.encode;
import static org.stegokernels.image.Samples.picture;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.image.LabelMap.Palette;

/** Images that come from memory and go there. */
class BufferedImageTest {
    private static final Path NAME = Path.of("upload.png");

    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_INT_RGB,
                BufferedImage.TYPE_INT_ARGB,
                BufferedImage.TYPE_4BYTE_ABGR,
                BufferedImage.TYPE_INT_BGR
            })
    void everyTypeKeepsItsColoursAndIsLeftAsItWas(int type) {
        BufferedImage image = picture(type);
        int[] before = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        RgbImage copy = RgbImage.of(image);
        assertPatches(copy, 3, 0, PATCHES);
        assertThat(image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth()))
                .isEqualTo(before);
        assertPatches(RgbImage.of(copy.toImage()), 3, 0, PATCHES);
    }

    @Test
    void aPartOfAnImageIsReadInItsPlace() {
        BufferedImage part = picture(BufferedImage.TYPE_3BYTE_BGR)
                .getSubimage(Samples.PATCH, Samples.PATCH, 2 * Samples.PATCH, Samples.PATCH);
        assertPatches(RgbImage.of(part), 2, 0, PATCHES[4], PATCHES[5]);
    }

    @Test
    void labelsAreTheIndicesOfAnImageInTheirColours() {
        LabelMap labels = new LabelMap(3, 1, new byte[] {1, 0, (byte) LabelMap.IGNORE});
        BufferedImage image = labels.toImage(new Palette(new int[] {0x102030, 0x405060}));
        assertThat(image.getColorModel()).isInstanceOf(IndexColorModel.class);
        assertThat(image.getRaster().getSamples(0, 0, 3, 1, 0, (int[]) null)).containsExactly(1, 0, LabelMap.IGNORE);
        assertThat(image.getRGB(0, 0, 3, 1, null, 0, 3)).containsExactly(0xFF405060, 0xFF102030, 0xFF000000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "bmp", "gif"})
    void aStreamIsReadAsAFileIsAndStaysOpen(String format) throws IOException {
        byte[] file = encode(picture(BufferedImage.TYPE_3BYTE_BGR), format);
        InputStream in = new ByteArrayInputStream(file) {
            @Override
            public void close() {
                throw new IllegalStateException("closed");
            }
        };
        assertPatches(ImageReader.read(in), 3, format.equals("jpg") ? 4 : 0, PATCHES);
    }

    @Test
    void bytesAreReadAsAFileIsOrRefusedByTheirName() throws IOException {
        assertPatches(ImageReader.read(encode(picture(BufferedImage.TYPE_3BYTE_BGR), "png")), 3, 0, PATCHES);
        assertThatExceptionOfType(ImageException.class)
                .isThrownBy(() -> ImageReader.read("<html>".getBytes(), NAME, ImageReader.Limits.DEFAULT))
                .withMessageContaining(NAME.toString());
    }

    @Test
    void aStreamThatIsNoImageIsRefusedByItsName() {
        InputStream in = new ByteArrayInputStream("<html>".getBytes());
        assertThatExceptionOfType(ImageException.class)
                .isThrownBy(() -> ImageReader.read(in, NAME, ImageReader.Limits.DEFAULT))
                .withMessageStartingWith("upload.png: is not an image");
    }

    @Test
    void aStreamThatNeverEndsIsRefused() {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 0;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                return length;
            }
        };
        assertThatExceptionOfType(ImageException.class)
                .isThrownBy(() -> ImageReader.read(endless, NAME, ImageReader.Limits.DEFAULT.withMaxPixels(1)))
                .withMessageStartingWith("upload.png: it is longer than 67108872 bytes");
    }
}
