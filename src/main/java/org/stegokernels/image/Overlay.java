package org.stegokernels.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.stegokernels.image.LabelMap.Palette;

/**
 * The picture that shows a segmentation to a person: the photograph, paled, tinted with the colour of each class, and a
 * light line between regions. {@link Legend} adds names and shares.
 */
public final class Overlay {
    /** The part by which the photograph is drawn towards grey, so that its own colours are not taken for classes. */
    private static final float PALING = 0.4f;

    private static final float TINT = 0.5f;
    private static final float BORDER_OPACITY = 0.6f;
    private static final int BORDER = 0xFFFFFF;

    private Overlay() {}

    /**
     * Draws a segmentation over its photograph.
     *
     * @param labels of the photograph's size; {@link LabelMap#IGNORE} stays untinted
     * @return a new image of the photograph's size
     * @throws IllegalArgumentException if the sizes differ
     */
    public static RgbImage render(RgbImage photograph, LabelMap labels, Palette palette) {
        int width = photograph.width();
        int height = photograph.height();
        if (labels.width() != width || labels.height() != height) {
            throw new IllegalArgumentException("labels of " + labels.width() + "x" + labels.height()
                    + " don't lie over a photograph of " + width + "x" + height);
        }
        RgbImage overlay = new RgbImage(width, height, tinted(photograph, labels, palette));
        double side = Math.sqrt((double) width * height);
        drawBorders(overlay, labels, (int) Math.max(1, Math.round(side / 600)));
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

    /**
     * A panel below a picture of classes: the colour, the name and the share of each that occurs, the largest first.
     */
    public static final class Legend {
        private static final int PANEL = 0x101418;
        private static final int NAME = 0xFFFFFF;
        private static final int SHARE = 0xA8B4C0;
        private static final float SMALLEST_TEXT = 7;
        /** The height of capitals, as a part of the picture's side. */
        private static final double TEXT_SIZE = 1 / 55.0;
        /** The panel's greatest height, as a part of the picture's. */
        private static final float PANEL_HEIGHT = 0.5f;

        private final Canvas canvas;
        private final int text;
        private final int gap;

        private Legend(RgbImage picture, float textHeight) {
            this.canvas = new Canvas(picture, textHeight);
            this.text = Math.round(textHeight);
            this.gap = Math.round(0.8f * textHeight);
        }

        /** One class of the legend. @param color null for the note that there are more */
        private record Entry(Integer color, String name, String share) {}

        /**
         * Returns the picture with a legend below it.
         *
         * @param labels the segmentation that the picture shows, of any size; {@link LabelMap#IGNORE} is not in the
         * legend
         * @param names of class 0, 1, ...; a class beyond the last is called by its number
         * @return of the picture's width and of a greater height; the picture itself where no class occurs
         */
        public static RgbImage below(RgbImage picture, LabelMap labels, Palette palette, List<String> names) {
            List<Entry> entries = entries(labels, palette, names);
            if (entries.isEmpty()) {
                return picture;
            }
            float textHeight =
                    (float) Math.max(SMALLEST_TEXT, TEXT_SIZE * Math.sqrt((double) picture.width() * picture.height()));
            Legend measure = new Legend(picture, textHeight);
            int rowHeight = measure.text + measure.gap;
            int most = Math.max(1, (int) (PANEL_HEIGHT * picture.height() - measure.gap) / rowHeight);
            List<List<Entry>> rows = measure.rows(entries, picture.width() - 2 * measure.gap, most);
            int height = picture.height() + rows.size() * rowHeight + measure.gap;
            RgbImage whole =
                    new RgbImage(picture.width(), height, Arrays.copyOf(picture.rgb(), 3 * picture.width() * height));
            new Legend(whole, textHeight).draw(rows, picture.height(), whole);
            return whole;
        }

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
                String share = percent((double) counts[id] / labels.labels().length);
                entries.add(new Entry(palette.color(id), StrokeFont.drawable(name), share));
            }
            return entries;
        }

        private static String percent(double share) {
            return share < 0.005 ? "<1%" : Math.round(100 * share) + "%";
        }

        /** Fills rows from left to right; what does not fit into the last one is summed up in a note. */
        private List<List<Entry>> rows(List<Entry> entries, int room, int most) {
            List<List<Entry>> rows = new ArrayList<>();
            List<Entry> row = new ArrayList<>();
            int used = 0;
            for (int i = 0; i < entries.size(); i++) {
                Entry entry = entries.get(i);
                int width = width(entry);
                boolean lastRow = rows.size() == most - 1;
                int left = entries.size() - i;
                int note = lastRow && left > 1 ? width(more(left - 1)) : 0;
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
            return new Entry(null, "+" + count + " more", "");
        }

        /** Returns the width, including the gap to the next entry. */
        private int width(Entry entry) {
            int swatch = entry.color() == null ? 0 : text + gap / 2;
            return swatch + canvas.width(entry.name()) + gap + canvas.width(entry.share()) + 2 * gap;
        }

        private void draw(List<List<Entry>> rows, int top, RgbImage whole) {
            canvas.fill(0, top, whole.width(), whole.height() - top, PANEL, 1);
            int y = top + gap;
            for (List<Entry> row : rows) {
                int x = gap;
                for (Entry entry : row) {
                    int start = x;
                    if (entry.color() != null) {
                        canvas.fill(x, y, text, text, entry.color(), 1);
                        start += text + gap / 2;
                    }
                    canvas.text(start, y, entry.name(), NAME);
                    canvas.text(start + canvas.width(entry.name()) + gap, y, entry.share(), SHARE);
                    x += width(entry);
                }
                y += text + gap;
            }
        }
    }
}
