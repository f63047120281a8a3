package org.stegokernels.image.webp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.IIOException;
import org.junit.jupiter.api.Test;

/** Decodes what an encoder with exact arithmetic has written. */
class BoolDecoderTest {
    private static final int COUNT = 5000;

    private final Random random = new Random(1);
    private final int[] probabilities = random.ints(COUNT, 1, 256).toArray();
    private final boolean[] bools = new boolean[COUNT];

    BoolDecoderTest() {
        for (int i = 0; i < COUNT; i++) {
            bools[i] = random.nextInt(256) >= probabilities[i];
        }
    }

    /** The interval of RFC 6386, section 7.2: its lower end as one large number, never rounded. */
    private byte[] encode(int count) {
        BigInteger bottom = BigInteger.ZERO;
        int range = 255;
        int bits = 8;
        for (int i = 0; i < count; i++) {
            int split = 1 + ((range - 1) * probabilities[i] >> 8);
            bottom = bools[i] ? bottom.add(BigInteger.valueOf(split)) : bottom;
            range = bools[i] ? range - split : split;
            for (; range < 128; range *= 2) {
                bottom = bottom.shiftLeft(1);
                bits++;
            }
        }
        int padding = Math.floorMod(-bits, 8);
        byte[] number = bottom.shiftLeft(padding).toByteArray();
        byte[] bytes = new byte[(bits + padding) / 8];
        int length = Math.min(number.length, bytes.length);
        System.arraycopy(number, number.length - length, bytes, bytes.length - length, length);
        return bytes;
    }

    @Test
    void boolsOfAnyProbabilityAreReadBack() throws IIOException {
        for (int count : new int[] {1, 10, 20, 30, 40, 50, 60, 70, 80, 90, COUNT}) {
            byte[] encoded = encode(count);
            byte[] around = new byte[encoded.length + 7];
            Arrays.fill(around, (byte) 0xA5);
            System.arraycopy(encoded, 0, around, 3, encoded.length);
            BoolDecoder decoder = new BoolDecoder(around, 3, 3 + encoded.length);
            for (int i = 0; i < count; i++) {
                assertThat(decoder.read(probabilities[i]))
                        .as("bool %d of %d", i, count)
                        .isEqualTo(bools[i]);
            }
        }
    }

    @Test
    void nothingIsReadAfterThePartitionsEnd() {
        byte[] encoded = encode(COUNT);
        BoolDecoder decoder = new BoolDecoder(encoded, 0, encoded.length / 2);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < COUNT; i++) {
                        assertThat(decoder.read(probabilities[i])).isEqualTo(bools[i]);
                    }
                })
                .isInstanceOf(IIOException.class)
                .hasMessageContaining("ends too early");
    }
}
