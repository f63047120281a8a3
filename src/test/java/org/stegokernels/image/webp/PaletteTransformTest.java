package org.stegokernels.image.webp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaletteTransformTest {
    private static final int WIDTH = 13;
    private static final int HEIGHT = 5;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void severalNumbersOfColoursShareACodedPixel(int indexBits) {
        Random random = new Random(indexBits);
        int[] colors = random.ints(1 << indexBits).toArray();
        Transform.Palette transform = new Transform.Palette(WIDTH, HEIGHT, indexBits, colors);
        int[] coded = new int[transform.codedWidth() * HEIGHT];
        int[] expected = new int[WIDTH * HEIGHT];
        int perPixel = 8 / indexBits;
        for (int i = 0; i < expected.length; i++) {
            int index = random.nextInt(colors.length);
            int x = i % WIDTH;
            expected[i] = colors[index];
            coded[i / WIDTH * transform.codedWidth() + x / perPixel] |= index << 8 + x % perPixel * indexBits;
        }
        assertThat(transform.undo(coded)).isEqualTo(expected);
    }
}
