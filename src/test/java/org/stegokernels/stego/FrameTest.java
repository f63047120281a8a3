package org.stegokernels.stego;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Segmenter.Options.Protocol;

class FrameTest {
    private static RgbImage photograph(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        new Random(width).nextBytes(rgb);
        return new RgbImage(width, height, rgb);
    }

    @ParameterizedTest
    @CsvSource({
        "480, 360, 320, 16, 432, 320",
        "360, 480, 320, 16, 320, 432",
        "480, 360, 320, 14, 420, 322",
        "100, 100, 320, 8, 320, 320",
        "1, 1, 320, 16, 320, 320",
        "5, 5, 16, 32, 32, 32",
        "4000, 1000, 320, 16, 1280, 320",
        "8000, 1000, 320, 16, 1280, 160",
        "20000, 1, 320, 16, 1280, 16",
    })
    void theWholePhotographIsSeenInWholePatches(
            int width, int height, int size, int patch, int expectedWidth, int expectedHeight) {
        RgbImage photograph = photograph(width, height);
        Pipeline.Frame frame = Pipeline.Frame.of(photograph, Protocol.WHOLE, size, patch);
        assertThat(frame.working().width()).isEqualTo(expectedWidth);
        assertThat(frame.working().height()).isEqualTo(expectedHeight);
        assertThat(frame.working().rgb())
                .isEqualTo(Resize.antialiased(photograph, expectedWidth, expectedHeight)
                        .rgb());
        assertThat(frame.target()).isSameAs(photograph);
    }

    @Test
    void thePublishedProtocolKeepsTheSquareInTheMiddle() {
        RgbImage photograph = photograph(480, 360);
        Pipeline.Frame frame = Pipeline.Frame.of(photograph, Protocol.PUBLISHED, 320, 16);
        RgbImage expected = Resize.centerCrop(Resize.nearest(photograph, 426, 320), 320, 320);
        assertThat(frame.working().rgb()).isEqualTo(expected.rgb());
        assertThat(frame.target()).isSameAs(frame.working());
    }

    @Test
    void thePublishedProtocolNeedsWholePatches() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pipeline.Frame.of(photograph(480, 360), Protocol.PUBLISHED, 320, 14))
                .withMessageContaining("14")
                .withMessageContaining("320");
    }
}
