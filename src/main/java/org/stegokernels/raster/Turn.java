package org.stegokernels.raster;

import org.stegokernels.raster.Raster.Region;

/**
 * The way from the stored pixels of a picture to the upright ones.
 *
 * @param orientation 1 to 8: where row 0 and column 0 belong, as EXIF tag 0x0112 defines it
 * @param storedWidth of the stored picture
 * @param storedHeight of the stored picture
 */
record Turn(int orientation, int storedWidth, int storedHeight) {
    private static final int FIRST_QUARTER_TURN = 5;

    private boolean quarter() {
        return orientation >= FIRST_QUARTER_TURN;
    }

    int width() {
        return quarter() ? storedHeight : storedWidth;
    }

    int height() {
        return quarter() ? storedWidth : storedHeight;
    }

    /** Returns the upright column of a stored pixel. */
    int x(int storedX, int storedY) {
        return switch (orientation) {
            case 1, 4 -> storedX;
            case 2, 3 -> storedWidth - 1 - storedX;
            case 5, 8 -> storedY;
            default -> storedHeight - 1 - storedY;
        };
    }

    /** Returns the upright row of a stored pixel. */
    int y(int storedX, int storedY) {
        return switch (orientation) {
            case 1, 2 -> storedY;
            case 3, 4 -> storedHeight - 1 - storedY;
            case 5, 6 -> storedX;
            default -> storedWidth - 1 - storedX;
        };
    }

    /** Returns where an upright region is stored. */
    Region stored(Region upright) {
        int right = upright.x() + upright.width() - 1;
        int bottom = upright.y() + upright.height() - 1;
        Turn back = back();
        int x1 = back.x(upright.x(), upright.y());
        int y1 = back.y(upright.x(), upright.y());
        int x2 = back.x(right, bottom);
        int y2 = back.y(right, bottom);
        return new Region(Math.min(x1, x2), Math.min(y1, y2), Math.abs(x1 - x2) + 1, Math.abs(y1 - y2) + 1);
    }

    /**
     * Returns the turn back. Every orientation is its own inverse, but for the two quarter turns, which are each
     * other's.
     */
    private Turn back() {
        int inverse = orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
        return new Turn(inverse, width(), height());
    }
}
