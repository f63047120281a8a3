package org.stegokernels.image;

import java.util.HashMap;
import java.util.Map;

/** Draws rectangles and text onto an RGB image, in place; whatever lies outside is left out. */
final class Canvas {
    private final RgbImage image;
    private final float scale;
    private final float halfStroke;
    private final Map<Character, Coverage> glyphs = new HashMap<>();

    /** @param capHeight height of capital letters in pixels */
    Canvas(RgbImage image, float capHeight) {
        this.image = image;
        scale = capHeight / StrokeFont.CAP_HEIGHT;
        halfStroke = Math.max(0.55f, StrokeFont.HALF_STROKE * scale);
    }

    /** @param opacity 0 to 1 */
    void fill(int x, int y, int width, int height, int color, float opacity) {
        int weight = Math.round(opacity * 256);
        for (int row = Math.max(0, y); row < Math.min(y + height, image.height()); row++) {
            for (int column = Math.max(0, x); column < Math.min(x + width, image.width()); column++) {
                blend(3 * (row * image.width() + column), color, weight);
            }
        }
    }

    /** Returns the width in pixels that a drawable text takes, rounded up. */
    int width(String drawable) {
        return (int) Math.ceil(StrokeFont.width(drawable) * scale + 2 * halfStroke);
    }

    /**
     * Writes one line.
     *
     * @param x left edge in pixels
     * @param y top edge of the capitals
     * @param drawable text as {@link StrokeFont#drawable} returns it
     */
    void text(int x, int y, String drawable, int color) {
        float pen = 0;
        for (int i = 0; i < drawable.length(); i++) {
            Coverage coverage = glyphs.computeIfAbsent(drawable.charAt(i), this::rasterize);
            stamp(coverage, x + Math.round(pen), y, color);
            pen += coverage.advance;
        }
    }

    private void stamp(Coverage glyph, int x, int y, int color) {
        for (int row = 0; row < glyph.height; row++) {
            int targetY = y + glyph.top + row;
            for (int column = 0; column < glyph.width && targetY >= 0 && targetY < image.height(); column++) {
                int targetX = x + column;
                float opacity = glyph.opacity[row * glyph.width + column];
                if (opacity > 0 && targetX >= 0 && targetX < image.width()) {
                    blend(3 * (targetY * image.width() + targetX), color, Math.round(opacity * 256));
                }
            }
        }
    }

    private void blend(int at, int color, int weight) {
        byte[] rgb = image.rgb();
        for (int channel = 0; channel < 3; channel++) {
            int old = rgb[at + channel] & 0xFF;
            int ink = color >> (16 - 8 * channel) & 0xFF;
            rgb[at + channel] = (byte) (old + ((ink - old) * weight + 128 >> 8));
        }
    }

    /**
     * Returns the part of each pixel that a glyph covers, 0 to 1, from {@code top} pixels below the capitals' upper
     * edge on.
     */
    private record Coverage(int width, int height, int top, float advance, float[] opacity) {}

    private Coverage rasterize(char letter) {
        StrokeFont.Glyph glyph = StrokeFont.glyph(letter);
        int top = (int) Math.floor(-2 * scale - halfStroke);
        int height = (int) Math.ceil(17 * scale + halfStroke) - top;
        int width = (int) Math.ceil(glyph.advance() * scale + 2 * halfStroke);
        float[] opacity = new float[width * height];
        for (StrokeFont.Segment segment : glyph.segments()) {
            float x1 = segment.x1() * scale + halfStroke;
            float x2 = segment.x2() * scale + halfStroke;
            float y1 = segment.y1() * scale - top;
            float y2 = segment.y2() * scale - top;
            float reach = halfStroke + 1;
            int left = Math.max(0, (int) (Math.min(x1, x2) - reach));
            int right = Math.min(width - 1, (int) (Math.max(x1, x2) + reach));
            int low = Math.max(0, (int) (Math.min(y1, y2) - reach));
            int high = Math.min(height - 1, (int) (Math.max(y1, y2) + reach));
            for (int y = low; y <= high; y++) {
                for (int x = left; x <= right; x++) {
                    float distance = distance(x + 0.5f, y + 0.5f, x1, y1, x2, y2);
                    float covered = Math.max(0, Math.min(1, halfStroke - distance + 0.5f));
                    opacity[y * width + x] = Math.max(opacity[y * width + x], covered);
                }
            }
        }
        return new Coverage(width, height, top, glyph.advance() * scale, opacity);
    }

    /** Returns the distance from a point to a line of finite length. */
    private static float distance(float x, float y, float x1, float y1, float x2, float y2) {
        float dx = x2 - x1;
        float dy = y2 - y1;
        float length = dx * dx + dy * dy;
        float along = length == 0 ? 0 : Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length));
        float offX = x - x1 - along * dx;
        float offY = y - y1 - along * dy;
        return (float) Math.sqrt(offX * offX + offY * offY);
    }
}
