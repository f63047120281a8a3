package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StrokeFontTest {
    @Test
    void everyLetterIsDrawnWithinItsBoxAndLikeNoOther() {
        Set<Object> seen = new HashSet<>();
        for (char letter = '!'; letter <= '~'; letter++) {
            StrokeFont.Glyph glyph = StrokeFont.glyph(letter);
            assertThat(glyph.segments()).as("%s", letter).isNotEmpty();
            for (StrokeFont.Segment s : glyph.segments()) {
                assertThat(Math.min(s.x1(), s.x2())).as("%s", letter).isGreaterThanOrEqualTo(0);
                assertThat(Math.max(s.x1(), s.x2())).as("%s", letter).isLessThan(glyph.advance() - 1);
                assertThat(Math.min(s.y1(), s.y2())).as("%s", letter).isGreaterThanOrEqualTo(-1);
                assertThat(Math.max(s.y1(), s.y2())).as("%s", letter).isLessThanOrEqualTo(16);
            }
            seen.add(glyph.segments());
        }
        assertThat(seen.size())
                .as("I, l and | are all one upright stroke, of different heights")
                .isGreaterThan(91);
        assertThat(StrokeFont.glyph(' ').segments()).isEmpty();
    }

    @Test
    void whatCannotBeDrawnIsReplaced() {
        assertThat(StrokeFont.drawable("Road 28%")).isEqualTo("Road 28%");
        assertThat(StrokeFont.drawable("Café à l'été")).isEqualTo("Cafe a l'ete");
        assertThat(StrokeFont.drawable("日本\ud83c\udf32\n")).isEqualTo("????");
    }

    @Test
    void widthIsThatOfTheLettersAndTheSpacesBetween() {
        float one = StrokeFont.width("n");
        assertThat(StrokeFont.width("nn")).isEqualTo(one + StrokeFont.glyph('n').advance());
        assertThat(StrokeFont.width("")).isZero();
    }
}
