package org.stegokernels.image;

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
}
