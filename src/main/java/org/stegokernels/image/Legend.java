package org.stegokernels.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** A panel below a picture of classes: the colour, the name and the share of each that occurs, the largest first. */
public final class Legend {
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
     * @param labels the segmentation that the picture shows, of any size; {@link LabelMap#IGNORE} is not in the legend
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

    /** Including the gap to the next entry. */
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
