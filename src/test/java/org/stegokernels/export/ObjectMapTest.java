package org.stegokernels.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.export.ObjectMap.Measures;
import org.stegokernels.image.LabelMap;

/** Objects and their measures, against drawings and a flood fill. */
class ObjectMapTest {
    @Test
    void objectsAreConnectedBySidesAndNumberedByTheirFirstPixels() {
        LabelMap map = Masks.of("0110", "0010", "1100", "1..1");
        ObjectMap objects = ObjectMap.of(map);
        assertThat(objects.count()).isEqualTo(5);
        assertThat(rows(objects)).containsExactly("0 1 1 2", "0 0 1 2", "3 3 2 2", "3 -1 -1 4");
        assertThat(objects.classOf(3)).isEqualTo(1);
    }

    @Test
    void measuresAreThoseOfTheDrawing() {
        LabelMap map = Masks.of("222", "202", "222", "..2");
        float[] confidence = new float[12];
        Arrays.fill(confidence, 0.5f);
        confidence[4] = 0.25f;
        confidence[11] = 1;
        List<Measures> measures = ObjectMap.of(map, confidence).measure();
        // The ring: 12 sides around, less the one that the last pixel covers, and its three; 4 of the hole.
        assertThat(measures.get(0)).isEqualTo(new Measures(0, 2, 9, 0, 0, 3, 4, 10 / 9.0, 11 / 9.0, 18, 5 / 9.0));
        assertThat(measures.get(1)).isEqualTo(new Measures(1, 0, 1, 1, 1, 1, 1, 1, 1, 4, 0.25));
        assertThat(ObjectMap.of(map).measure().get(1).confidence()).isNaN();
    }

    @Test
    void aMapOfIgnoredPixelsHasNoObjects() {
        ObjectMap objects = ObjectMap.of(Masks.of("...", "..."));
        assertThat(objects.count()).isZero();
        assertThat(objects.measure()).isEmpty();
        assertThat(objects.object(2, 1)).isEqualTo(ObjectMap.NONE);
    }

    @Test
    void confidencesOfAnotherPictureAreRefused() {
        ObjectMap objects = ObjectMap.of(Masks.of("01"));
        assertThatThrownBy(() -> ObjectMap.of(Masks.of("01"), new float[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2x1");
        assertThatThrownBy(() -> objects.object(2, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "1, 50, 2", "50, 1, 2", "40, 30, 2", "61, 47, 3", "200, 150, 2", "64, 64, 1"})
    void anyMapHasTheObjectsAndMeasuresOfAFloodFill(int width, int height, int classes) {
        LabelMap map = Masks.noise(width, height, classes, 0.1, 7L * width + height);
        float[] confidence = new float[width * height];
        for (int i = 0; i < confidence.length; i++) {
            confidence[i] = i % 8 / 8f;
        }
        ObjectMap objects = ObjectMap.of(map, confidence);
        List<Measures> measures = objects.measure();
        assertThat(objects.labels().labels()).isEqualTo(map.labels());
        int[] flooded = flood(map);
        assertThat(objects.count()).isEqualTo(Arrays.stream(flooded).max().orElseThrow() + 1);
        double[][] sums = new double[objects.count()][5];
        for (int i = 0; i < flooded.length; i++) {
            int x = i % width;
            int y = i / width;
            assertThat(objects.object(x, y)).isEqualTo(flooded[i]);
            if (flooded[i] < 0) {
                continue;
            }
            double[] sum = sums[flooded[i]];
            sum[0]++;
            sum[1] += x;
            sum[2] += y;
            sum[3] += confidence[i];
            sum[4] += (x == 0 || flooded[i - 1] != flooded[i] ? 1 : 0)
                    + (x == width - 1 || flooded[i + 1] != flooded[i] ? 1 : 0)
                    + (y == 0 || flooded[i - width] != flooded[i] ? 1 : 0)
                    + (y == height - 1 || flooded[i + width] != flooded[i] ? 1 : 0);
            Measures object = measures.get(flooded[i]);
            assertThat(x).isBetween(object.x(), object.x() + object.width() - 1);
            assertThat(y).isBetween(object.y(), object.y() + object.height() - 1);
            assertThat(object.classId()).isEqualTo(map.label(x, y));
        }
        for (Measures object : measures) {
            double[] sum = sums[object.object()];
            assertThat(object.area()).isEqualTo((int) sum[0]);
            assertThat(object.centroidX()).isCloseTo(sum[1] / sum[0], within(1e-9));
            assertThat(object.centroidY()).isCloseTo(sum[2] / sum[0], within(1e-9));
            assertThat(object.confidence()).isCloseTo(sum[3] / sum[0], within(1e-9));
            assertThat(object.perimeter()).isEqualTo((long) sum[4]);
            assertThat(boxIsTight(object, objects)).isTrue();
        }
    }

    private static boolean boxIsTight(Measures object, ObjectMap objects) {
        boolean[] sides = new boolean[4];
        for (int x = object.x(); x < object.x() + object.width(); x++) {
            sides[0] |= objects.object(x, object.y()) == object.object();
            sides[1] |= objects.object(x, object.y() + object.height() - 1) == object.object();
        }
        for (int y = object.y(); y < object.y() + object.height(); y++) {
            sides[2] |= objects.object(object.x(), y) == object.object();
            sides[3] |= objects.object(object.x() + object.width() - 1, y) == object.object();
        }
        return sides[0] && sides[1] && sides[2] && sides[3];
    }

    private static int[] flood(LabelMap map) {
        int width = map.width();
        int[] objects = new int[map.labels().length];
        Arrays.fill(objects, -1);
        int count = 0;
        for (int i = 0; i < objects.length; i++) {
            if (objects[i] >= 0 || map.labels()[i] == (byte) LabelMap.IGNORE) {
                continue;
            }
            Deque<Integer> open = new ArrayDeque<>(List.of(i));
            objects[i] = count;
            while (!open.isEmpty()) {
                int at = open.pop();
                int[] around = {
                    at % width > 0 ? at - 1 : at, at % width < width - 1 ? at + 1 : at, at - width, at + width
                };
                for (int next : around) {
                    if (next >= 0
                            && next < objects.length
                            && objects[next] < 0
                            && map.labels()[next] == map.labels()[i]) {
                        objects[next] = count;
                        open.push(next);
                    }
                }
            }
            count++;
        }
        return objects;
    }

    private static List<String> rows(ObjectMap objects) {
        String[] rows = new String[objects.height()];
        for (int y = 0; y < rows.length; y++) {
            StringBuilder row = new StringBuilder();
            for (int x = 0; x < objects.width(); x++) {
                row.append(x == 0 ? "" : " ").append(objects.object(x, y));
            }
            rows[y] = row.toString();
        }
        return List.of(rows);
    }
}
