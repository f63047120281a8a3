package org.stegokernels.export;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.export.ObjectMap.Measures;
import org.stegokernels.image.LabelMap;

/** Which class a speck takes, and that none is left. */
class SpecksTest {
    private static String merged(int minArea, String... rows) {
        return Masks.drawn(Specks.merge(Masks.of(rows), minArea));
    }

    @Test
    void aSpeckTakesTheClassWithTheLongestBorder() {
        assertThat(merged(2, "0011", "0211", "0011")).isEqualTo("0011 0011 0011");
        assertThat(merged(2, "0011", "0021", "0111")).isEqualTo("0011 0011 0111");
    }

    @Test
    void borderWithSeveralObjectsOfAClassIsAddedUp() {
        assertThat(merged(2, "01110", "00200", "03330")).isEqualTo("01110 00000 03330");
    }

    @Test
    void ofTwoClassesAlikeTheLowerIdIsTaken() {
        assertThat(merged(2, "112", "002")).isEqualTo("112 002");
        assertThat(merged(2, "33722")).isEqualTo("33222");
    }

    @Test
    void specksGrowTogetherBeforeTheyAreMergedFurther() {
        // 5 and 6 make one object of 2 pixels, which is still below 3, and goes to 0 with it.
        assertThat(merged(3, "0000", "0560", "0000")).isEqualTo("0000 0000 0000");
        // 0 goes to 1, its only neighbor; 2, between 1 and 3, to the lower id; three pixels are enough or go to 3.
        assertThat(merged(3, "0123333")).isEqualTo("1113333");
        assertThat(merged(100, "0123333")).isEqualTo("3333333");
    }

    @Test
    void ignoredPixelsStayAndTakeNoPart() {
        assertThat(merged(2, "00..", "00.1", "00..")).isEqualTo("00.. 00.1 00..");
        assertThat(merged(3, "0000", "0.10", "0000")).isEqualTo("0000 0.00 0000");
        assertThat(merged(9, "...", "...")).isEqualTo("... ...");
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, 0, 1})
    void aLimitOfOnePixelChangesNothing(int minArea) {
        LabelMap map = Masks.noise(20, 20, 3, 0.1, 1);
        assertThat(Specks.merge(map, minArea)).isSameAs(map);
    }

    @Test
    void aMapWithoutSpecksIsReturnedAsItIs() {
        LabelMap map = Masks.of("0011", "0011");
        assertThat(Specks.merge(map, 4)).isSameAs(map);
        // Of two of one size, that with the first pixel goes to the other.
        assertThat(Masks.drawn(Specks.merge(map, 5))).isEqualTo("1111 1111");
    }

    @ParameterizedTest
    @CsvSource({"2, 2", "5, 3", "20, 4", "100, 27", "2147483647, 3"})
    void noSpeckIsLeftInNoiseAndTheResultIsAlwaysTheSame(int minArea, int classes) {
        LabelMap map = Masks.noise(150, 110, classes, 0, minArea);
        LabelMap merged = Specks.merge(map, minArea);
        ObjectMap objects = ObjectMap.of(merged);
        assertThat(objects.measure())
                .allMatch(object -> object.area() >= minArea || object.area() == map.labels().length);
        assertThat(Specks.merge(map, minArea).labels()).isEqualTo(merged.labels());
        for (Measures large : ObjectMap.of(map).measure()) {
            if (large.area() >= minArea) {
                assertThat(merged.label((int) firstX(map, large), large.y())).isEqualTo(large.classId());
            }
        }
    }

    /** Returns the column of a pixel of the object in its first row. */
    private static int firstX(LabelMap map, Measures object) {
        ObjectMap objects = ObjectMap.of(map);
        int x = object.x();
        while (objects.object(x, object.y()) != object.object()) {
            x++;
        }
        return x;
    }

    @ParameterizedTest
    @CsvSource({"2, 2", "20, 4", "100, 9", "2147483647, 3"})
    void objectsAreThoseOfTheMergedMapAndKeepTheConfidenceOfTheirPixels(int minArea, int classes) {
        LabelMap map = Masks.noise(90, 70, classes, 0.1, minArea);
        float[] confidence = new float[map.labels().length];
        for (int i = 0; i < confidence.length; i++) {
            confidence[i] = (i * 37 % 64) / 64f;
        }
        ObjectMap merged = Specks.merge(ObjectMap.of(map, confidence), minArea);
        LabelMap expected = Specks.merge(map, minArea);
        assertThat(merged.labels().labels()).isEqualTo(expected.labels());
        // Sums of a few thousand multiples of 1/64 are exact.
        assertThat(merged.measure())
                .isEqualTo(ObjectMap.of(expected, confidence).measure());
        assertThat(Polygons.of(merged, 0)).isEqualTo(Polygons.of(ObjectMap.of(expected), 0));
    }

    @Test
    void onlySpecksWalledInByIgnoredPixelsAreLeft() {
        LabelMap map = Masks.noise(90, 90, 4, 0.5, 3);
        LabelMap merged = Specks.merge(map, 10);
        ObjectMap objects = ObjectMap.of(merged);
        for (Measures object : objects.measure()) {
            if (object.area() < 10) {
                assertThat(walledIn(object.object(), objects)).isTrue();
            }
        }
        for (int i = 0; i < map.labels().length; i++) {
            assertThat(merged.labels()[i] == -1).isEqualTo(map.labels()[i] == -1);
        }
    }

    private static boolean walledIn(int object, ObjectMap objects) {
        for (int y = 0; y < objects.height(); y++) {
            for (int x = 0; x < objects.width(); x++) {
                if (objects.object(x, y) == object
                        && (foreign(object, objects, x - 1, y)
                                || foreign(object, objects, x + 1, y)
                                || foreign(object, objects, x, y - 1)
                                || foreign(object, objects, x, y + 1))) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean foreign(int object, ObjectMap objects, int x, int y) {
        if (x < 0 || y < 0 || x >= objects.width() || y >= objects.height()) {
            return false;
        }
        int other = objects.object(x, y);
        return other != ObjectMap.NONE && other != object;
    }
}
