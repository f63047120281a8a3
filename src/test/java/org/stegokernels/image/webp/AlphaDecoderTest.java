package org.stegokernels.image.webp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import javax.imageio.IIOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AlphaDecoderTest {
    private static final Size SIZE = new Size(9, 7);

    private final byte[] opacity = new byte[9 * 7];

    AlphaDecoderTest() {
        new Random(6).nextBytes(opacity);
    }

    private int at(int x, int y) {
        return opacity[9 * y + x] & 0xFF;
    }

    private int predict(int filter, int x, int y) {
        if (filter == 0 || x == 0 && y == 0) {
            return 0;
        }
        if (x == 0 || y == 0) {
            return y == 0 ? at(x - 1, 0) : at(0, y - 1);
        }
        return switch (filter) {
            case 1 -> at(x - 1, y);
            case 2 -> at(x, y - 1);
            default -> Math.max(0, Math.min(at(x - 1, y) + at(x, y - 1) - at(x - 1, y - 1), 255));
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void filterIsUndone(int filter) throws IIOException {
        byte[] data = new byte[1 + opacity.length];
        data[0] = (byte) (filter << 2);
        for (int i = 0; i < opacity.length; i++) {
            data[1 + i] = (byte) (opacity[i] - predict(filter, i % 9, i / 9));
        }
        assertThat(AlphaDecoder.decode(data, SIZE)).isEqualTo(opacity);
    }

    @Test
    void missingOpacityIsDamage() {
        byte[] data = new byte[1 + opacity.length];
        assertThatThrownBy(() -> AlphaDecoder.decode(Arrays.copyOf(data, opacity.length), SIZE))
                .isInstanceOf(IIOException.class);
        assertThatThrownBy(() -> AlphaDecoder.decode(new byte[0], SIZE)).isInstanceOf(IIOException.class);
        data[0] = 2;
        assertThatThrownBy(() -> AlphaDecoder.decode(data, SIZE))
                .isInstanceOf(IIOException.class)
                .hasMessageContaining("unknown method");
    }
}
