package org.stegokernels.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorConvertOp;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;

/**
 * Turns what ImageIO decodes into RGB bytes. Transparency is laid over white, as on a page. Samples of 16 bits lose
 * their lower byte. The numbers in the file are taken as sRGB, as Pillow takes them; only CMYK, Lab and the like are
 * converted.
 */
final class Pixels {
    private Pixels() {}

    /** Returns the image as RGB; may take over its memory, so the image must not be used afterwards. */
    static RgbImage rgb(BufferedImage image) {
        ColorModel colors = image.getColorModel();
        Raster raster = image.getRaster();
        byte[] rgb;
        if (colors instanceof IndexColorModel palette) {
            rgb = fromPalette(raster, palette);
        } else if (isPlain(colors) && isBytes(raster)) {
            int bands = raster.getNumBands();
            return ofBytes(raster, bands >= 3, bands % 2 == 0 ? bands - 1 : -1);
        } else if (isPlain(colors) && raster.getTransferType() == DataBuffer.TYPE_USHORT && isInterleaved(raster)) {
            rgb = fromShorts(raster);
        } else {
            rgb = fromColors(image);
        }
        return new RgbImage(image.getWidth(), image.getHeight(), rgb);
    }

    /**
     * Returns whether an image is grey or RGB in full 8 or 16 bits, perhaps with an alpha that the colours are not yet
     * multiplied with.
     */
    private static boolean isPlain(ColorModel colors) {
        int space = colors.getColorSpace().getType();
        return colors instanceof ComponentColorModel
                && (space == ColorSpace.TYPE_RGB || space == ColorSpace.TYPE_GRAY)
                && !colors.isAlphaPremultiplied()
                && colors.getNumComponents() <= 4
                && colors.getComponentSize(0) == DataBuffer.getDataTypeSize(colors.getTransferType());
    }

    static boolean isBytes(Raster raster) {
        return raster.getTransferType() == DataBuffer.TYPE_BYTE && isInterleaved(raster);
    }

    private static boolean isInterleaved(Raster raster) {
        return raster.getSampleModel() instanceof PixelInterleavedSampleModel;
    }

    /**
     * Takes bytes from black to white.
     *
     * @param raster interleaved
     * @param color whether the first three bands are red, green and blue; else the first is grey
     * @param opacity the band of the opacity, or a negative number
     */
    static RgbImage ofBytes(Raster raster, boolean color, int opacity) {
        PixelInterleavedSampleModel layout = (PixelInterleavedSampleModel) raster.getSampleModel();
        DataBufferByte buffer = (DataBufferByte) raster.getDataBuffer();
        byte[] data = buffer.getData();
        int width = raster.getWidth();
        int height = raster.getHeight();
        int[] bands = layout.getBandOffsets();
        int stride = layout.getPixelStride();
        int start = buffer.getOffset()
                - raster.getSampleModelTranslateX() * stride
                - raster.getSampleModelTranslateY() * layout.getScanlineStride();
        int red = bands[0];
        int green = bands[color ? 1 : 0];
        int blue = bands[color ? 2 : 0];
        // A pixel is read before it is written, and packed pixels keep their place: the decoder's memory serves again.
        boolean reuse = bands.length == 3 && stride == 3 && start == 0 && data.length == 3 * width * height;
        byte[] rgb = reuse ? data : new byte[3 * width * height];
        int to = 0;
        for (int y = 0; y < height; y++) {
            int from = start + y * layout.getScanlineStride();
            for (int x = 0; x < width; x++) {
                byte r = data[from + red];
                byte g = data[from + green];
                byte b = data[from + blue];
                if (opacity >= 0) {
                    int over = data[from + bands[opacity]] & 0xFF;
                    r = overWhite(r & 0xFF, over);
                    g = overWhite(g & 0xFF, over);
                    b = overWhite(b & 0xFF, over);
                }
                rgb[to] = r;
                rgb[to + 1] = g;
                rgb[to + 2] = b;
                to += 3;
                from += stride;
            }
        }
        return new RgbImage(width, height, rgb);
    }

    private static byte[] fromShorts(Raster raster) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        int bands = raster.getNumBands();
        boolean color = bands >= 3;
        boolean alpha = bands % 2 == 0;
        byte[] rgb = new byte[3 * width * height];
        int[] row = new int[bands * width];
        int to = 0;
        for (int y = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int from = 0; from < row.length; from += bands) {
                int opacity = alpha ? row[from + bands - 1] >> 8 : 0xFF;
                rgb[to++] = overWhite(row[from] >> 8, opacity);
                rgb[to++] = overWhite(row[from + (color ? 1 : 0)] >> 8, opacity);
                rgb[to++] = overWhite(row[from + (color ? 2 : 0)] >> 8, opacity);
            }
        }
        return rgb;
    }

    private static byte[] fromPalette(Raster raster, IndexColorModel palette) {
        int[] argb = new int[1 << palette.getPixelSize()];
        int known = palette.getMapSize();
        palette.getRGBs(known <= argb.length ? argb : (argb = new int[known]));
        int width = raster.getWidth();
        byte[] rgb = new byte[3 * width * raster.getHeight()];
        int[] row = new int[width];
        int to = 0;
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
            for (int index : row) {
                to = put(index < argb.length ? argb[index] : 0xFF000000, rgb, to);
            }
        }
        return rgb;
    }

    /** Goes the slow way for everything rare: packed bits, premultiplied alpha, floats, other colour spaces. */
    private static byte[] fromColors(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        BufferedImage source = image;
        int space = image.getColorModel().getColorSpace().getType();
        if (space != ColorSpace.TYPE_RGB && space != ColorSpace.TYPE_GRAY) {
            source = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
            new ColorConvertOp(null).filter(image, source);
        }
        byte[] rgb = new byte[3 * width * height];
        int[] row = new int[width];
        int to = 0;
        for (int y = 0; y < height; y++) {
            source.getRGB(0, y, width, 1, row, 0, width);
            for (int argb : row) {
                to = put(argb, rgb, to);
            }
        }
        return rgb;
    }

    private static int put(int argb, byte[] rgb, int at) {
        int opacity = argb >>> 24;
        rgb[at] = overWhite(argb >> 16 & 0xFF, opacity);
        rgb[at + 1] = overWhite(argb >> 8 & 0xFF, opacity);
        rgb[at + 2] = overWhite(argb & 0xFF, opacity);
        return at + 3;
    }

    static byte overWhite(int value, int opacity) {
        return (byte) ((value * opacity + 255 * (255 - opacity) + 127) / 255);
    }
}
