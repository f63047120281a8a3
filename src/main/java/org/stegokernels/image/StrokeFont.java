package org.stegokernels.image;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Letters as strokes, sharp at every size. The runtime's own text needs a font on the machine (a server often has
 * none, and then fails) and takes 30 to 90 ms to start; a legend needs neither.
 *
 * <p>Units: capitals and digits reach from y = 0 to the baseline y = 12, small letters from 4, descenders to 16.
 */
final class StrokeFont {
    static final float CAP_HEIGHT = 12;
    /** Half the width of a stroke. */
    static final float HALF_STROKE = 0.85f;
    /** Between one letter's rightmost point and the next one's leftmost. */
    private static final float SPACING = 3.2f;

    private static final int CURVE_STEPS = 6;
    private static final char FIRST = ' ';

    /**
     * Printable ASCII in order: width, then strokes, each a line through its points; after {@code ~} they are the
     * control points of a quadratic B-spline, closed if it ends where it starts.
     */
    private static final String[] GLYPHS = {
        "3", // space
        "0|0,0 0,8.5|0,11.8 0,12", // !
        "2.5|0,0 0,3|2.5,0 2.5,3", // "
        "8|3,1 1.5,11|6.5,1 5,11|0.5,4 8,4|0,8 7.5,8", // #
        "7|~7,2.5 6.5,0.5 0,0.5 0,6 7,6 7,11.5 0.5,11.5 0,9.5|3.5,-1 3.5,13", // $
        "9.5|~0,0 3.5,0 3.5,5 0,5 0,0|8,0 1.5,12|~6,7 9.5,7 9.5,12 6,12 6,7", // %
        "8.5|8.5,12 2,4|~2,4 0,0 6,0 5.5,4 0,6 0,12 6.5,12 8,6.5", // &
        "0|0,0 0,3", // '
        "2.5|~2.5,-1 0,2 0,10 2.5,13", // (
        "2.5|~0,-1 2.5,2 2.5,10 0,13", // )
        "5|2.5,0 2.5,6|0,1.5 5,4.5|5,1.5 0,4.5", // *
        "6|0,7.5 6,7.5|3,4.5 3,10.5", // +
        "0.7|0.7,11.5 0,14", // ,
        "4|0,7.5 4,7.5", // -
        "0|0,11.8 0,12", // .
        "5|0,13 5,-1", // /
        "7|~0,0 7,0 7,12 0,12 0,0", // 0
        "3|0,2.5 3,0 3,12", // 1
        "7|~0,3.5 0,0 7,0 7,5 3,8|3,8 0,12 7,12", // 2
        "7|~0,2 0.5,0 6.5,0 6.5,5.7 3,5.7|~3,5.7 7,5.7 7,12 0.5,12 0,9.7", // 3
        "7.5|5.5,12 5.5,0 0,8.5 7.5,8.5", // 4
        "7|6.3,0 1,0 0.5,5.5|~0.5,5.5 1.5,4.5 7,4.5 7,12 0.5,12 0,9.7", // 5
        "7|~6.5,2 6,0 0,0 0,8|~0,4.8 7,4.8 7,12 0,12 0,4.8", // 6
        "7|0,0 7,0 2.5,12", // 7
        "7|~0.4,0 6.6,0 6.6,5.7 0.4,5.7 0.4,0|~0,5.7 7,5.7 7,12 0,12 0,5.7", // 8
        "7|~0,0 7,0 7,7.2 0,7.2 0,0|~7,4 7,12 1,12 0.5,10", // 9
        "0|0,5.3 0,5.5|0,11.8 0,12", // :
        "0.7|0.7,5.3 0.7,5.5|0.7,11.5 0,14", // ;
        "6|6,3.5 0,7.5 6,11.5", // <
        "6|0,6 6,6|0,9.5 6,9.5", // =
        "6|0,3.5 6,7.5 0,11.5", // >
        "6|~0,2.5 0.5,0 6,0 6,5 3,5 3,8.5|3,11.8 3,12", // ?
        "11|~8,9 3,9 3,4 8,4 8,9|8,4 8,8|~8,8 8,10 11,10 11,0 0,0 0,13 8,13", // @
        "8|0,12 4,0 8,12|1.4,8 6.6,8", // A
        "8|4,0 0,0 0,12 4.5,12|~4,0 7.5,0 7.5,5.7 4,5.7|0,5.7 4.5,5.7|~4.5,5.7 8,5.7 8,12 4.5,12", // B
        "8|~8,3 7.5,0 0,0 0,12 7.5,12 8,9", // C
        "8.5|3,0 0,0 0,12 3,12|~3,0 8.5,0 8.5,12 3,12", // D
        "7|7,0 0,0 0,12 7,12|0,5.7 5.5,5.7", // E
        "7|7,0 0,0 0,12|0,5.7 5.5,5.7", // F
        "8|~8,3 7.5,0 0,0 0,12 8,12 8,8|8,8 8,6.5 4.5,6.5", // G
        "8|0,0 0,12|8,0 8,12|0,5.7 8,5.7", // H
        "0|0,0 0,12", // I
        "6|6,0 6,8.5|~6,8.5 6,12 0,12 0,9", // J
        "8|0,0 0,12|7.5,0 0,8|2.8,5 8,12", // K
        "6.5|0,0 0,12 6.5,12", // L
        "10|0,12 0,0 5,8 10,0 10,12", // M
        "8|0,12 0,0 8,12 8,0", // N
        "9|~0,0 9,0 9,12 0,12 0,0", // O
        "7.5|4,0 0,0 0,12|~4,0 7.5,0 7.5,6.7 4,6.7|4,6.7 0,6.7", // P
        "9|~0,0 9,0 9,12 0,12 0,0|5.5,9 9,13", // Q
        "8|4,0 0,0 0,12|~4,0 7.5,0 7.5,6.4 4,6.4|0,6.4 4,6.4 8,12", // R
        "7.5|~7.5,2.5 7,0 0,0 0,5.8 7.5,5.8 7.5,12 0.5,12 0,9.5", // S
        "8|0,0 8,0|4,0 4,12", // T
        "8|0,0 0,7|~0,7 0,12 8,12 8,7|8,7 8,0", // U
        "8|0,0 4,12 8,0", // V
        "12|0,0 3,12 6,0 9,12 12,0", // W
        "8|0,0 8,12|8,0 0,12", // X
        "8|0,0 4,6 8,0|4,6 4,12", // Y
        "8|0,0 8,0 0,12 8,12", // Z
        "2.5|2.5,-1 0,-1 0,13 2.5,13", // [
        "5|0,-1 5,13", // \
        "2.5|0,-1 2.5,-1 2.5,13 0,13", // ]
        "6|0,4 3,0 6,4", // ^
        "7|0,13.5 7,13.5", // _
        "2|0,0 2,2.5", // `
        "6|~0,4 6,4 6,12 0,12 0,4|6,4 6,12", // a
        "6|0,0 0,12|~0,4 6,4 6,12 0,12 0,4", // b
        "6|~6,6 5.5,4 0,4 0,12 5.5,12 6,10", // c
        "6|6,0 6,12|~0,4 6,4 6,12 0,12 0,4", // d
        "6|0,8 6,8|~6,8 6,4 0,4 0,12 5.5,12 6,10.3", // e
        "4.5|~4.8,0.2 2,-0.5 2,4|2,3.5 2,12|0,4 4.5,4", // f
        "6|~0,4 6,4 6,12 0,12 0,4|6,4 6,12.5|~6,12.5 6,16 1,16 0.5,14.5", // g
        "6|0,0 0,12|~0,8 0,4 6,4 6,8|6,8 6,12", // h
        "0|0,4 0,12|0,0.6 0,0.8", // i
        "2|2,4 2,13|~2,13 2,16 0,16|2,0.6 2,0.8", // j
        "6|0,0 0,12|5.5,4 0,9|2,7.2 6,12", // k
        "0|0,0 0,12", // l
        "10|0,4 0,12|~0,7.5 0,4 5,4 5,7.5|5,7.5 5,12|~5,7.5 5,4 10,4 10,7.5|10,7.5 10,12", // m
        "6|0,4 0,12|~0,8 0,4 6,4 6,8|6,8 6,12", // n
        "6.5|~0,4 6.5,4 6.5,12 0,12 0,4", // o
        "6|0,4 0,16|~0,4 6,4 6,12 0,12 0,4", // p
        "6|6,4 6,16|~0,4 6,4 6,12 0,12 0,4", // q
        "4|0,4 0,12|~0,8 0,4 4,4.2", // r
        "5.5|~5.3,5.6 4.8,4 0.2,4 0.2,7.9 5.5,7.9 5.5,12 0.5,12 0,10.4", // s
        "4.5|2,1 2,9.5|~2,9.5 2,12 4.5,12|0,4 4.5,4", // t
        "6|0,4 0,8|~0,8 0,12 6,12 6,8|6,4 6,12", // u
        "6|0,4 3,12 6,4", // v
        "9|0,4 2.3,12 4.5,4 6.7,12 9,4", // w
        "6|0,4 6,12|6,4 0,12", // x
        "6|0,4 3,12|6,4 1.5,16", // y
        "6|0,4 6,4 0,12 6,12", // z
        "3|~3,-1 1,-1 1.5,6 0,6|~0,6 1.5,6 1,13 3,13", // {
        "0|0,-1 0,13", // |
        "3|~0,-1 2,-1 1.5,6 3,6|~3,6 1.5,6 2,13 0,13", // }
        "7|~0,8.5 1,6 3,6.5 4,8.5 6,9 7,6.5", // ~
    };

    private StrokeFont() {}

    /** A straight piece of a stroke. */
    record Segment(float x1, float y1, float x2, float y2) {}

    /** A letter. @param advance from its origin to that of the next */
    record Glyph(float advance, List<Segment> segments) {}

    /** Returns the text in letters that there are: accents are left out, anything else becomes a question mark. */
    static String drawable(String text) {
        boolean plain = true;
        for (int i = 0; i < text.length(); i++) {
            plain &= isDrawn(text.charAt(i));
        }
        return plain ? text : replaced(text);
    }

    private static String replaced(String text) {
        StringBuilder drawable = new StringBuilder();
        Normalizer.normalize(text, Normalizer.Form.NFD)
                .codePoints()
                .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
                .forEach(c -> drawable.append(isDrawn(c) ? (char) c : '?'));
        return drawable.toString();
    }

    private static boolean isDrawn(int codePoint) {
        return codePoint >= FIRST && codePoint < FIRST + GLYPHS.length;
    }

    /** @param letter printable ASCII */
    static Glyph glyph(char letter) {
        String[] parts = GLYPHS[letter - FIRST].split("\\|");
        List<Segment> segments = new ArrayList<>();
        for (int i = 1; i < parts.length; i++) {
            boolean curved = parts[i].charAt(0) == '~';
            float[][] points = points(curved ? parts[i].substring(1) : parts[i]);
            float[][] line = curved ? spline(points) : points;
            for (int j = 1; j < line.length; j++) {
                segments.add(new Segment(line[j - 1][0], line[j - 1][1], line[j][0], line[j][1]));
            }
        }
        return new Glyph(Float.parseFloat(parts[0]) + SPACING, segments);
    }

    /** Returns the width of a drawable text, without the space after its last letter. */
    static float width(String drawable) {
        float width = -SPACING;
        for (int i = 0; i < drawable.length(); i++) {
            String glyph = GLYPHS[drawable.charAt(i) - FIRST];
            int end = glyph.indexOf('|');
            width += Float.parseFloat(end < 0 ? glyph : glyph.substring(0, end)) + SPACING;
        }
        return Math.max(0, width);
    }

    private static float[][] points(String text) {
        String[] pairs = text.split(" ");
        float[][] points = new float[pairs.length][];
        for (int i = 0; i < pairs.length; i++) {
            String[] pair = pairs[i].split(",");
            points[i] = new float[] {Float.parseFloat(pair[0]), Float.parseFloat(pair[1])};
        }
        return points;
    }

    /** Returns the curve through the midpoints of the control polygon's sides, as short lines. */
    private static float[][] spline(float[][] control) {
        int last = control.length - 1;
        boolean closed = control[0][0] == control[last][0] && control[0][1] == control[last][1];
        List<float[]> line = new ArrayList<>();
        float[] from = closed ? middle(control[0], control[1]) : control[0];
        line.add(from);
        for (int i = 1; i <= (closed ? last : last - 1); i++) {
            float[] corner = control[i];
            float[] next = control[i == last ? 1 : i + 1];
            float[] to = i == last - 1 && !closed ? next : middle(corner, next);
            for (int step = 1; step <= CURVE_STEPS; step++) {
                float t = (float) step / CURVE_STEPS;
                float a = (1 - t) * (1 - t);
                float b = 2 * t * (1 - t);
                float c = t * t;
                line.add(
                        new float[] {a * from[0] + b * corner[0] + c * to[0], a * from[1] + b * corner[1] + c * to[1]});
            }
            from = to;
        }
        return line.toArray(float[][]::new);
    }

    private static float[] middle(float[] a, float[] b) {
        return new float[] {(a[0] + b[0]) / 2, (a[1] + b[1]) / 2};
    }
}
