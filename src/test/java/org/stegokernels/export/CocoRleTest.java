package org.stegokernels.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.IntBinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.image.LabelMap;

/** Runs against what {@code pycocotools.mask.encode} of pycocotools 2.0.11 made of the same masks. */
class CocoRleTest {
    @ParameterizedTest
    @CsvSource({
        "000 010 000, 414",
        "100 000, 015",
        "000 001, 51",
        "111 111, 06",
        "00000 01110 01010 01110 00000, 632NO0124",
        "0110 0110 0110, 363",
        "1111111 1010101 1010101 1000101, 053NNN240O"
    })
    void drawingsHaveTheCountsOfPycocotools(String drawing, String counts) {
        LabelMap map = Masks.of(drawing.replace('0', '.').split(" "));
        assertThat(CocoRle.of(ObjectMap.of(map)).counts(0)).isEqualTo(counts);
    }

    /** Parts of a class that don't touch are one mask, encoded as COCO's definition says, pixel by pixel. */
    @ParameterizedTest
    @CsvSource({"010 101, 0121O, 122O", "00.11 1.000, 011010O000, 1140M00"})
    void aClassIsOneMask(String drawing, String first, String second) {
        LabelMap map = Masks.of(drawing.split(" "));
        assertThat(new ExportFormat.Picture("a", "a.jpg", map).masks())
                .containsExactly(Map.entry(0, first), Map.entry(1, second));
    }

    @Test
    void longRunsHaveTheCountsOfPycocotools() throws Exception {
        String disc = counts(640, 480, (x, y) -> square(x - 320) + square(y - 240) <= square(150) ? 1 : 0);
        assertThat(disc)
                .hasSize(614)
                .startsWith("`m_21^>R1XO>D:F:G8H8I6J6J6K4K6K4")
                .endsWith("<Bh0nNQP_2");
        assertThat(sha256(disc)).isEqualTo("98c33c2d8793f044253f4ca5c6336800f5bd0a044e295e807aca5e3144dc9fc4");
        String comb = counts(4000, 3000, (x, y) -> x % 40 < 20 || y < 1500 ? 1 : 0);
        assertThat(comb).hasSize(4603).startsWith("0lQl1l^1P]UN00");
        assertThat(sha256(comb)).isEqualTo("c9706817819a4a3ff9fe2f0f18c522aea604cdb6a0443bd415667687221e1684");
    }

    /** Returns the counts of the object of class 1 with the first pixel. */
    private static String counts(int width, int height, IntBinaryOperator label) {
        byte[] labels = new byte[width * height];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (byte) label.applyAsInt(i % width, i / width);
        }
        ObjectMap objects = ObjectMap.of(new LabelMap(width, height, labels));
        return CocoRle.of(objects).counts(objects.classOf(0) == 1 ? 0 : 1);
    }

    private static int square(int x) {
        return x * x;
    }

    private static String sha256(String text) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(digest);
    }
}
