package org.stegokernels.image;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import javax.imageio.stream.ImageInputStream;

/**
 * The size of a GIF file and the place of its first frame (GIF89a, sections 18 and 20). Browsers and Pillow show a frame
 * where it belongs on the logical screen, and a larger screen where it reaches beyond.
 *
 * @param left the frame's first column on the screen
 * @param top the frame's first row
 * @param width of the screen in pixels
 * @param height of the screen
 * @param whole whether the file has all of the frame's data
 */
record GifHeader(int left, int top, int width, int height, boolean whole) {
    private static final int IMAGE = 0x2C;
    private static final int EXTENSION = 0x21;

    /** Reads up to the end of the first frame; null if there is none. */
    static GifHeader read(ImageInputStream input) throws IOException {
        input.setByteOrder(ByteOrder.LITTLE_ENDIAN);
        input.seek(6);
        int screenWidth = input.readUnsignedShort();
        int screenHeight = input.readUnsignedShort();
        int flags = input.readUnsignedByte();
        input.seek(13 + colorTable(flags));
        int block;
        while ((block = input.read()) != IMAGE) {
            if (block != EXTENSION || input.read() < 0 || !skipData(input)) {
                return null;
            }
        }
        int left = input.readUnsignedShort();
        int top = input.readUnsignedShort();
        int right = left + input.readUnsignedShort();
        int bottom = top + input.readUnsignedShort();
        int frameFlags = input.readUnsignedByte();
        // One byte more than the colours: the size of the first codes.
        input.seek(input.getStreamPosition() + colorTable(frameFlags) + 1);
        return new GifHeader(left, top, Math.max(screenWidth, right), Math.max(screenHeight, bottom), skipData(input));
    }

    private static int colorTable(int flags) {
        return (flags & 0x80) == 0 ? 0 : 3 << (flags & 7) + 1;
    }

    /** Passes over blocks of data to the empty one that ends them; false if the file ends before. */
    private static boolean skipData(ImageInputStream input) throws IOException {
        int length;
        while ((length = input.read()) > 0) {
            input.seek(input.getStreamPosition() + length);
        }
        return length == 0;
    }

    /** Lays the first frame on the screen, which is white elsewhere, as all that is transparent. */
    RgbImage place(RgbImage frame) {
        if (frame.width() == width && frame.height() == height) {
            return frame;
        }
        byte[] rgb = new byte[3 * width * height];
        Arrays.fill(rgb, (byte) 0xFF);
        for (int y = 0; y < frame.height(); y++) {
            System.arraycopy(
                    frame.rgb(), 3 * y * frame.width(), rgb, 3 * ((top + y) * width + left), 3 * frame.width());
        }
        return new RgbImage(width, height, rgb);
    }
}
