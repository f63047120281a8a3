package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected values: Pillow 9.4.0, {@code Image.resize} with {@code NEAREST} and {@code BILINEAR}, of the same pattern. */
class ResizeTest {
    /** Sample i is (7 i^2 + 37 i) mod 256. */
    private static RgbImage pattern(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (7 * i * i + 37 * i);
        }
        return new RgbImage(width, height, rgb);
    }

    private static int[] values(RgbImage image) {
        int[] values = new int[image.rgb().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = image.rgb()[i] & 0xFF;
        }
        return values;
    }

    @Test
    void antialiasedEqualsPillowWhenShrinking() {
        assertThat(values(Resize.antialiased(pattern(7, 5), 3, 4)))
                .containsExactly(
                        110, 63, 126, 170, 97, 170, 116, 129, 157, 118, 152, 97, 179, 155, 137, 91, 148, 182, 153, 114,
                        103, 114, 117, 108, 87, 125, 118, 104, 140, 143, 167, 95, 139, 105, 183, 156);
        assertThat(values(Resize.antialiased(pattern(5, 4), 2, 1))).containsExactly(144, 124, 152, 112, 136, 156);
    }

    @Test
    void antialiasedEqualsPillowWhenGrowing() {
        assertThat(values(Resize.antialiased(pattern(3, 2), 5, 4)))
                .containsExactly(
                        0, 44, 102, 70, 28, 103, 174, 4, 104, 200, 56, 181, 218, 90, 232, 33, 45, 134, 90, 41, 122, 174,
                        35, 103, 180, 67, 159, 184, 88, 197, 99, 46, 198, 129, 66, 159, 173, 97, 100, 139, 88, 116, 116,
                        83, 127, 132, 46, 230, 148, 79, 177, 172, 128, 98, 118, 99, 94, 82, 80, 92);
    }

    @ParameterizedTest
    @CsvSource({
        "640, 480, 333, 250, 641bd2f2, 335f9fe8",
        "100, 70, 256, 301, d239d086, 1e9d5679",
        "860, 33, 385, 9, 24862248, 963fa2a9"
    })
    void largeImagesHaveTheChecksumOfPillows(
            int width, int height, int newWidth, int newHeight, String bilinear, String nearest) {
        RgbImage image = pattern(width, height);
        assertThat(checksum(Resize.antialiased(image, newWidth, newHeight))).isEqualTo(bilinear);
        assertThat(checksum(Resize.nearest(image, newWidth, newHeight))).isEqualTo(nearest);
    }

    private static String checksum(RgbImage image) {
        CRC32 crc = new CRC32();
        crc.update(image.rgb());
        return Long.toHexString(crc.getValue());
    }

    @Test
    void antialiasedKeepsWhiteWhiteHoweverFarItShrinks() {
        byte[] white = new byte[3 * 40_000];
        Arrays.fill(white, (byte) 255);
        assertThat(values(Resize.antialiased(new RgbImage(40_000, 1, white), 1, 1)))
                .containsExactly(255, 255, 255);
    }

    @Test
    void nearestTakesThePixelsThatPillowTakes() {
        assertThat(Resize.nearestIndices(7, 3)).containsExactly(1, 3, 5);
        assertThat(Resize.nearestIndices(3, 7)).containsExactly(0, 0, 1, 1, 1, 2, 2);
        assertThat(Resize.nearestIndices(10, 4)).containsExactly(1, 3, 6, 8);
        // There floor((i + 0.5) * scale) of exact arithmetic would be one more.
        int[] indices = Resize.nearestIndices(860, 385);
        assertThat(new int[] {indices[38], indices[115], indices[192], indices[269], indices[346]})
                .containsExactly(85, 257, 429, 601, 773);
    }

    @Test
    void nearestIndicesStayInsideForManySizes() {
        for (int from = 1; from < 300; from++) {
            for (int to = 1; to < 300; to++) {
                int[] indices = Resize.nearestIndices(from, to);
                assertThat(indices[0]).isBetween(0, from - 1);
                assertThat(indices[to - 1]).isBetween(0, from - 1);
            }
        }
    }

    @Test
    void labelsAreResizedAsImagesAre() {
        RgbImage image = pattern(31, 17);
        byte[] red = new byte[31 * 17];
        for (int i = 0; i < red.length; i++) {
            red[i] = image.rgb()[3 * i];
        }
        RgbImage resized = Resize.nearest(image, 12, 40);
        LabelMap labels = Resize.nearest(new LabelMap(31, 17, red), 12, 40);
        for (int i = 0; i < labels.labels().length; i++) {
            assertThat(labels.labels()[i]).isEqualTo(resized.rgb()[3 * i]);
        }
    }

    @Test
    void sameSizeIsTheSameImage() {
        RgbImage image = pattern(8, 6);
        assertThat(Resize.nearest(image, 8, 6)).isSameAs(image);
        assertThat(Resize.antialiased(image, 8, 6)).isSameAs(image);
    }

    /** torchvision: {@code int(size * long / short)} in double precision. */
    @ParameterizedTest
    @CsvSource({
        "480, 360, 320, 426, 320",
        "360, 480, 320, 320, 426",
        "640, 480, 224, 298, 224",
        "100, 100, 33, 33, 33",
        "3, 1000, 7, 7, 2333",
        "2048, 1024, 320, 640, 320"
    })
    void shorterSideFollowsTorchvision(int width, int height, int size, int newWidth, int newHeight) {
        assertThat(Resize.shorterSide(width, height, size)).isEqualTo(new Resize.Size(newWidth, newHeight));
    }

    /** Margins of 1, 3, 5 and 7 pixels: torchvision's {@code int(round(margin / 2))} gives 0, 2, 2 and 4. */
    @ParameterizedTest
    @CsvSource({"1, 0", "2, 1", "3, 2", "4, 2", "5, 2", "7, 4"})
    void centerCropRoundsAsTorchvision(int margin, int offset) {
        LabelMap line = new LabelMap(10, 1, new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
        LabelMap cropped = Resize.centerCrop(line, 10 - margin, 1);
        assertThat(cropped.label(0, 0)).isEqualTo(offset);
        assertThat(cropped.label(9 - margin, 0)).isEqualTo(offset + 9 - margin);
    }

    @Test
    void centerCropOfAnImageKeepsPixelsWhole() {
        RgbImage cropped = Resize.centerCrop(pattern(6, 5), 2, 3);
        RgbImage image = pattern(6, 5);
        for (int y = 0; y < 3; y++) {
            for (int i = 0; i < 6; i++) {
                assertThat(cropped.rgb()[6 * y + i]).isEqualTo(image.rgb()[3 * ((y + 1) * 6 + 2) + i]);
            }
        }
    }

    @Test
    void impossibleSizesAreRefused() {
        RgbImage image = pattern(4, 4);
        assertThatThrownBy(() -> Resize.nearest(image, 0, 3)).hasMessageContaining("0x3");
        assertThatThrownBy(() -> Resize.antialiased(image, 3, -1)).hasMessageContaining("3x-1");
        assertThatThrownBy(() -> Resize.centerCrop(image, 5, 4)).hasMessageContaining("5x4 out of 4x4");
        assertThatThrownBy(() -> new RgbImage(2, 2, new byte[11])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LabelMap(65536, 65536, new byte[0])).isInstanceOf(IllegalArgumentException.class);
    }
}
