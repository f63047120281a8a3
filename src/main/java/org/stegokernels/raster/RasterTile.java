package org.stegokernels.raster;

import org.stegokernels.image.RgbImage;

/**
 * A region of a picture as a photograph.
 *
 * @param image its colours; black where there is nothing
 * @param valid for each pixel, row by row, whether there is something: false where it has "no data" or no opacity. Labels
 *     are {@link org.stegokernels.image.LabelMap#IGNORE} there
 */
public record RasterTile(RgbImage image, boolean[] valid) {}
