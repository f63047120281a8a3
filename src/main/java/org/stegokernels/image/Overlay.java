package org.stegokernels.image;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The picture that shows a segmentation to a person: the photograph, paled, tinted with the colour of each class, a
 * light line between regions, and a legend along the lower edge with names and shares.
 */
public final class Overlay {
    /** How far the photograph is drawn towards grey, so that its own colours are not taken for classes. */
    private static final float PALING = 0.4f;

    private static final float TINT = 0.5f;
    private static final float BORDER_OPACITY = 0.6f;
    private static final int BORDER = 0xFFFFFF;
    private static final int PANEL = 0x101418;
    private static final float PANEL_OPACITY = 0.75f;
    private static final int TEXT = 0xFFFFFF;
    private static final float SMALLEST_TEXT = 7;
    /** The legend takes at most this part of the height. */
    private static final float PANEL_HEIGHT = 0.25f;
    /** Below this width or height in pixels there is no room for a legend. */
    private static final int LEGEND_FROM = 96;

    private Overlay() {}

    /**
     * Draws a segmentation over its photograph.
     *
     * @param labels of the photograph's size; {@link LabelMap#IGNORE} stays untinted and is not in the legend
     * @param names of class 0, 1, ...; a class beyond the last is called by its number
     * @return a new image of the photograph's size
     * @throws IllegalArgumentException if the sizes differ
     */
    public static RgbImage render(RgbImage photograph, LabelMap labels, Palette palette, List<String> names) {
        int width = photograph.width();
        int height = photograph.height();
        if (labels.width() != width || labels.height() != height) {
            throw new IllegalArgumentException("labels of " + labels.width() + "x" + labels.height()
                    + " don't lie over a photograph of " + width + "x" + height);
        }
        RgbImage overlay = new RgbImage(width, height, tinted(photograph, labels, palette));
        double side = Math.sqrt((double) width * height);
        drawBorders(overlay, labels, (int) Math.max(1, Math.round(side / 600)));
        if (width >= LEGEND_FROM && height >= LEGEND_FROM) {
            drawLegend(overlay, labels, palette, names, (float) Math.max(SMALLEST_TEXT, side / 55));
        }
        return overlay;
    }

    private static byte[] tinted(RgbImage photograph, LabelMap labels, Palette palette) {
        byte[] source = photograph.rgb();
        byte[] target = new byte[source.length];
        int paling = Math.round(PALING * 256);
        int tint = Math.round(TINT * 256);
        int[] colors = new int[256];
        for (int id = 0; id < 256; id++) {
            colors[id] = palette.color(id);
        }
        for (int i = 0, at = 0; at < source.length; i++, at += 3) {
            int red = source[at] & 0xFF;
            int green = source[at + 1] & 0xFF;
            int blue = source[at + 2] & 0xFF;
            int grey = 77 * red + 150 * green + 29 * blue + 128 >> 8;
            int label = labels.labels()[i] & 0xFF;
            int weight = label == LabelMap.IGNORE ? 0 : tint;
            int color = colors[label];
            target[at] = (byte) mix(mix(red, grey, paling), color >> 16 & 0xFF, weight);
            target[at + 1] = (byte) mix(mix(green, grey, paling), color >> 8 & 0xFF, weight);
            target[at + 2] = (byte) mix(mix(blue, grey, paling), color & 0xFF, weight);
        }
        return target;
    }

    /** @param weight of {@code b}, 0 to 256 */
    private static int mix(int a, int b, int weight) {
        return a + ((b - a) * weight + 128 >> 8);
    }

    private static void drawBorders(RgbImage overlay, LabelMap map, int thickness) {
        int width = map.width();
        int height = map.height();
        byte[] labels = map.labels();
        boolean[] border = new boolean[labels.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int i = y * width + x;
                boolean edge =
                        x + 1 < width && labels[i] != labels[i + 1] || y + 1 < height && labels[i] != labels[i + width];
                if (edge) {
                    mark(border, width, height, x - (thickness - 1) / 2, y - (thickness - 1) / 2, thickness);
                }
            }
        }
        int weight = Math.round(BORDER_OPACITY * 256);
        byte[] rgb = overlay.rgb();
        for (int i = 0; i < border.length; i++) {
            if (border[i]) {
                for (int at = 3 * i; at < 3 * i + 3; at++) {
                    rgb[at] = (byte) mix(rgb[at] & 0xFF, BORDER & 0xFF, weight);
                }
            }
        }
    }

    private static void mark(boolean[] border, int width, int height, int left, int top, int side) {
        for (int y = Math.max(0, top); y < Math.min(top + side, height); y++) {
            for (int x = Math.max(0, left); x < Math.min(left + side, width); x++) {
                border[y * width + x] = true;
            }
        }
    }

    /** One class in the legend. @param color null for the note that there are more */
    private record Entry(Integer color, String text) {}

    private static List<Entry> entries(LabelMap labels, Palette palette, List<String> names) {
        int[] counts = labels.counts();
        List<Integer> ids = new ArrayList<>();
        for (int id = 0; id < LabelMap.IGNORE; id++) {
            if (counts[id] > 0) {
                ids.add(id);
            }
        }
        ids.sort(Comparator.comparing(id -> -counts[id]));
        List<Entry> entries = new ArrayList<>();
        for (int id : ids) {
            String name = id < names.size() ? names.get(id) : Integer.toString(id);
            String text = name + " " + percent((double) counts[id] / labels.labels().length);
            entries.add(new Entry(palette.color(id), StrokeFont.drawable(text)));
        }
        return entries;
    }

    private static String percent(double share) {
        return share < 0.005 ? "<1%" : Math.round(100 * share) + "%";
    }

    private static void drawLegend(
            RgbImage overlay, LabelMap labels, Palette palette, List<String> names, float textHeight) {
        Canvas canvas = new Canvas(overlay, textHeight);
        int text = Math.round(textHeight);
        int gap = Math.round(0.8f * textHeight);
        int rowHeight = text + gap;
        int room = overlay.width() - 2 * gap;
        int rowLimit = Math.max(1, (int) (PANEL_HEIGHT * overlay.height() - gap) / rowHeight);
        List<List<Entry>> rows = rows(canvas, entries(labels, palette, names), room, rowLimit, text, gap);
        int top = overlay.height() - rows.size() * rowHeight - gap;
        canvas.fill(0, top, overlay.width(), overlay.height() - top, PANEL, PANEL_OPACITY);
        int y = top + gap;
        for (List<Entry> row : rows) {
            int x = gap;
            for (Entry entry : row) {
                int start = x;
                if (entry.color() != null) {
                    canvas.fill(x, y, text, text, entry.color(), 1);
                    start += text + gap / 2;
                }
                canvas.text(start, y, entry.text(), TEXT);
                x += width(canvas, entry, text, gap);
            }
            y += rowHeight;
        }
    }

    /** Fills rows from left to right; what does not fit into the last one is summed up in a note. */
    private static List<List<Entry>> rows(
            Canvas canvas, List<Entry> entries, int room, int rowLimit, int text, int gap) {
        List<List<Entry>> rows = new ArrayList<>();
        List<Entry> row = new ArrayList<>();
        int used = 0;
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            int width = width(canvas, entry, text, gap);
            boolean lastRow = rows.size() == rowLimit - 1;
            int left = entries.size() - i;
            int note = lastRow && left > 1 ? width(canvas, more(left - 1), text, gap) : 0;
            if (used + width + note > room && !row.isEmpty()) {
                if (lastRow) {
                    row.add(more(left));
                    break;
                }
                rows.add(row);
                row = new ArrayList<>();
                used = 0;
            }
            row.add(entry);
            used += width;
        }
        rows.add(row);
        return rows;
    }

    private static Entry more(int count) {
        return new Entry(null, "+" + count + " more");
    }

    /** Including the gap to the next entry. */
    private static int width(Canvas canvas, Entry entry, int text, int gap) {
        int swatch = entry.color() == null ? 0 : text + gap / 2;
        return swatch + canvas.width(entry.text()) + 2 * gap;
    }
}
