package org.stegokernels.image.webp;

/**
 * Where decoded pixels go: each as blue, green and red, one byte each.
 *
 * @param start the index of the upper left pixel's blue
 * @param rowBytes from a pixel to the one below it
 * @param pixelBytes from a pixel to the next: 3, or 4 where opacity stands before blue
 */
record Raster(byte[] bytes, int start, int rowBytes, int pixelBytes) {
    boolean hasOpacity() {
        return pixelBytes == 4;
    }
}
