package org.stegokernels.cli;

import java.util.Arrays;
import java.util.List;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;

/** Small pictures in rows, the first of each row set apart: an image and those like it. */
final class ContactSheet {
    /** More are too many for a screen. */
    public static final int MAX_COLUMNS = 8;

    private static final int GAP = 4;
    private static final int FIRST_GAP = 16;

    private ContactSheet() {}

    /**
     * Draws the middle square of each image.
     *
     * @param rows at least one, not empty
     * @param tile side of a picture in pixels
     */
    public static RgbImage of(List<List<RgbImage>> rows, int tile) {
        int columns = rows.stream().mapToInt(List::size).max().orElseThrow();
        int width = columns * (tile + GAP) + FIRST_GAP;
        int height = rows.size() * (tile + GAP) + GAP;
        byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
        Arrays.fill(rgb, (byte) 0xFF);
        for (int row = 0; row < rows.size(); row++) {
            for (int column = 0; column < rows.get(row).size(); column++) {
                RgbImage small = thumbnail(rows.get(row).get(column), tile);
                int left = column == 0 ? GAP : column * (tile + GAP) + FIRST_GAP;
                for (int y = 0; y < tile; y++) {
                    int target = 3 * ((GAP + row * (tile + GAP) + y) * width + left);
                    System.arraycopy(small.rgb(), 3 * y * tile, rgb, target, 3 * tile);
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }

    private static RgbImage thumbnail(RgbImage image, int side) {
        int square = Math.min(image.width(), image.height());
        return Resize.antialiased(Resize.centerCrop(image, square, square), side, side);
    }
}
