package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.stegokernels.image.Samples.PATCHES;
import static org.stegokernels.image.Samples.assertPatches;
import static org.stegokernels.image.Samples.encode;
import static org.stegokernels.image.Samples.picture;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GifTest {
    private static final int IMAGE = 0x2C;

    @TempDir
    Path folder;

    private byte[] gif;
    /** Offset of the frame's place and size. */
    private int frame;

    @BeforeEach
    void write() throws IOException {
        gif = encode(picture(BufferedImage.TYPE_3BYTE_BGR), "gif");
        frame = 13 + ((gif[10] & 0x80) == 0 ? 0 : 3 << (gif[10] & 7) + 1);
        while (gif[frame] != IMAGE) {
            frame += 2;
            while (gif[frame] != 0) {
                frame += 1 + (gif[frame] & 0xFF);
            }
            frame++;
        }
        frame++;
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("image.gif"), bytes);
    }

    private void put(int at, int value) {
        gif[at] = (byte) value;
        gif[at + 1] = (byte) (value >> 8);
    }

    @Test
    void aSmallerFrameStandsAtItsPlaceOnAWhiteScreen() throws IOException {
        put(6, 100);
        put(8, 80);
        put(frame, 30);
        put(frame + 2, 40);
        RgbImage image = ImageReader.read(file(gif));
        assertThat(image.width()).isEqualTo(100);
        assertThat(image.height()).isEqualTo(80);
        assertThat(ImageReader.size(folder.resolve("image.gif"))).isEqualTo(new Resize.Size(100, 80));
        assertPatches(Resize.crop(image, 30, 40, Samples.WIDTH, Samples.HEIGHT), 3, 0, PATCHES);
        for (int[] outside : new int[][] {{29, 50}, {78, 50}, {40, 39}, {40, 72}, {0, 0}, {99, 79}}) {
            int at = 3 * (outside[1] * 100 + outside[0]);
            assertThat(Arrays.copyOfRange(image.rgb(), at, at + 3)).containsExactly(-1, -1, -1);
        }
    }

    @Test
    void aFrameBeyondTheScreenMakesItLarger() throws IOException {
        put(6, 10);
        put(8, 10);
        put(frame, 5);
        RgbImage image = ImageReader.read(file(gif));
        assertThat(image.width()).isEqualTo(Samples.WIDTH + 5);
        assertThat(image.height()).isEqualTo(Samples.HEIGHT);
    }

    @Test
    void theScreenCountsForTheLimit() throws IOException {
        put(6, 60_000);
        put(8, 60_000);
        Path huge = file(gif);
        assertThatThrownBy(() -> ImageReader.read(huge)).hasMessageContaining("60000 x 60000 pixels");
    }

    @Test
    void aFileThatLacksOnlyItsLastByteIsRead() throws IOException {
        assertPatches(ImageReader.read(file(Arrays.copyOf(gif, gif.length - 1))), 3, 0, PATCHES);
        for (int missing = 2; missing < 12; missing++) {
            Path cut = file(Arrays.copyOf(gif, gif.length - missing));
            assertThatThrownBy(() -> ImageReader.read(cut)).hasMessageContaining("the file ends before the image does");
        }
    }
}
