package org.stegokernels.image.webp;

/**
 * Turns a frame into colours. RFC 6386 leaves to the decoder how chroma, of which there is one sample for four pixels,
 * is interpolated; here it is done as libwebp does, and so do all who use it: a pixel takes 9/16 of the nearest sample,
 * 3/16 of each of the next two and 1/16 of the one across. The colours are those of BT.601 with luma from 16 to 235, in
 * libwebp's fixed point numbers.
 */
final class ColorConversion {
    private final Frame frame;
    private final Raster target;
    /** The samples of one row of pixels before they are interpolated along it, in quarters. */
    private final int[] u;

    private final int[] v;

    private ColorConversion(Frame frame, Raster target) {
        this.frame = frame;
        this.target = target;
        int chromaWidth = (frame.size().width() + 1) / 2;
        this.u = new int[chromaWidth];
        this.v = new int[chromaWidth];
    }

    static void convert(Frame frame, Raster target) {
        ColorConversion conversion = new ColorConversion(frame, target);
        for (int y = 0; y < frame.size().height(); y++) {
            conversion.convertRow(y);
        }
    }

    private void convertRow(int y) {
        interpolateDown(frame.u(), y, u);
        interpolateDown(frame.v(), y, v);
        byte[] luma = frame.luma().pixels();
        int row = frame.luma().index(0, y);
        byte[] bytes = target.bytes();
        int to = target.start() + y * target.rowBytes();
        int last = u.length - 1;
        for (int x = 0; x < frame.size().width(); x++) {
            int near = x >> 1;
            int far = Math.max(0, Math.min((x & 1) == 0 ? near - 1 : near + 1, last));
            int blueness = 3 * u[near] + u[far] + 8 >> 4;
            int redness = 3 * v[near] + v[far] + 8 >> 4;
            int brightness = (luma[row + x] & 0xFF) * 19077 >> 8;
            bytes[to] = clamp(brightness + (blueness * 33050 >> 8) - 17685);
            bytes[to + 1] = clamp(brightness - (blueness * 6419 >> 8) - (redness * 13320 >> 8) + 8708);
            bytes[to + 2] = clamp(brightness + (redness * 26149 >> 8) - 14234);
            to += target.pixelBytes();
        }
    }

    private void interpolateDown(Frame.Plane plane, int y, int[] row) {
        int last = (frame.size().height() + 1) / 2 - 1;
        int near = y >> 1;
        int far = Math.max(0, Math.min((y & 1) == 0 ? near - 1 : near + 1, last));
        int nearRow = plane.index(0, near);
        int farRow = plane.index(0, far);
        byte[] pixels = plane.pixels();
        for (int x = 0; x < row.length; x++) {
            row[x] = 3 * (pixels[nearRow + x] & 0xFF) + (pixels[farRow + x] & 0xFF);
        }
    }

    /** Returns a colour given in 64ths. */
    private static byte clamp(int value) {
        return (byte) Math.max(0, Math.min(value >> 6, 255));
    }

    /**
     * Memory for decoded pixels: each as blue, green and red, one byte each.
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
}
