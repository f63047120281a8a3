package org.stegokernels.image.webp;

import javax.imageio.IIOException;

/** A change that an encoder made to the pixels of a lossless picture, and its inverse (WebP lossless, section 4). */
interface Transform {
    int PREDICTION = 0;
    int COLOR = 1;
    int SUBTRACTED_GREEN = 2;
    int PALETTE = 3;

    /** Returns the pixels as they were before; may change the array it is given. */
    int[] undo(int[] pixels);

    /** Returns how many pixels of a row are coded. */
    int codedWidth();

    /**
     * Reads a transform.
     *
     * @param type 0 to 3
     * @param width of the pixels before the transform
     */
    static Transform read(BitReader input, int type, int width, int height) throws IIOException {
        return switch (type) {
            case PREDICTION -> PredictionTransform.read(input, width, height);
            case COLOR -> ColorTransform.read(input, width, height);
            case SUBTRACTED_GREEN -> new GreenTransform(width);
            default -> PaletteTransform.read(input, width, height);
        };
    }
}
