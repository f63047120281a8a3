package org.stegokernels.raster;

import org.stegokernels.raster.Raster.SampleType;

/**
 * The samples of a picture: their type and meaning.
 *
 * @param width of the picture as it is stored, not yet upright
 * @param bands all of them, opacity too
 * @param bits that are in use, at most those of the type
 * @param alpha the band of the opacity, from 0, or -1
 * @param premultiplied whether the colours have been multiplied with the opacity
 * @param whiteIsZero whether 0 is white
 * @param orientation 1 to 8: where row 0 and column 0 belong, as EXIF tag 0x0112 defines it
 * @param noData the value that stands for none, or NaN
 */
record Samples(
        int width,
        int height,
        int bands,
        SampleType type,
        int bits,
        int alpha,
        boolean premultiplied,
        boolean whiteIsZero,
        int orientation,
        double noData) {
    static final int NONE = -1;

    /** Returns whether a sample is none. */
    boolean isMissing(double sample) {
        return Double.isNaN(sample) || sample == noData;
    }

    /** Returns the value of opacity that hides nothing. */
    double opaque() {
        return type.isFloat() ? 1 : Math.scalb(1.0, bits) - 1;
    }
}
