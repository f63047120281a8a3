/**
 * Pictures of any size, read by regions and written by rows, with what ties them to the ground: TIFF and BigTIFF tile by
 * tile, other formats decoded once into a temporary file. Depends on {@code image} and {@code io} only; nothing else knows
 * proj4j.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.raster;
