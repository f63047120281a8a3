package org.stegokernels.stego;

import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.SegmenterOptions.Protocol;

/**
 * A photograph made ready for a model.
 *
 * @param working what the model and the CRF see; both sides are multiples of the patch
 * @param target what gets labels: the photograph, or the part of it that the protocol keeps
 */
public record Frame(RgbImage working, RgbImage target) {
    /** Keeps the memory for a very long and thin picture in bounds. */
    private static final int LONGEST_SIDE_RATIO = 4;

    /**
     * @param patch side of a patch in pixels
     * @param size shorter side in pixels of what the model sees. A picture more than four times as long as wide is made
     *     smaller, so that its longer side is at most {@code 4 * size}.
     * @throws IllegalArgumentException if the published protocol is asked for with a size that is no multiple of the patch
     */
    public static Frame of(RgbImage photograph, Protocol protocol, int size, int patch) {
        return switch (protocol) {
            case WHOLE -> whole(photograph, size, patch);
            case PUBLISHED -> published(photograph, size, patch);
        };
    }

    private static Frame whole(RgbImage photograph, int size, int patch) {
        int width = photograph.width();
        int height = photograph.height();
        double scale = Math.min(
                (double) size / Math.min(width, height), (double) LONGEST_SIDE_RATIO * size / Math.max(width, height));
        int workingWidth = wholePatches(width * scale, patch);
        int workingHeight = wholePatches(height * scale, patch);
        return new Frame(Resize.antialiased(photograph, workingWidth, workingHeight), photograph);
    }

    private static int wholePatches(double pixels, int patch) {
        return patch * (int) Math.max(1, Math.round(pixels / patch));
    }

    private static Frame published(RgbImage photograph, int size, int patch) {
        if (size % patch != 0) {
            throw new IllegalArgumentException("the published protocol needs a size in whole patches of " + patch
                    + " pixels; " + size + " is not");
        }
        RgbImage square = Resize.centerSquare(photograph, size);
        return new Frame(square, square);
    }
}
