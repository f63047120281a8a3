package org.stegokernels.image;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBufferInt;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.io.OutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/**
 * A photograph in memory, sRGB.
 *
 * @param width in pixels, at least 1
 * @param height in pixels, at least 1
 * @param rgb unsigned bytes [height, width, 3] in the order red, green, blue; not copied
 */
public record RgbImage(int width, int height, byte[] rgb) {
    /**
     * Checks the number of samples.
     *
     * @throws IllegalArgumentException if a side is below 1 or the array is not of length height x width x 3
     */
    public RgbImage {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
            throw new IllegalArgumentException(
                    "an RGB image of " + width + "x" + height + " can't be made of " + rgb.length + " bytes");
        }
    }

    /** Returns the number of pixels. */
    public int pixels() {
        return width * height;
    }

    /** Returns a copy of an image in sRGB, its transparency laid over white, as {@link ImageReader#read} gives it. */
    public static RgbImage of(BufferedImage image) {
        // The conversion may take over the memory that it is given.
        WritableRaster raster = image.getRaster().createCompatibleWritableRaster();
        raster.setDataElements(0, 0, image.getRaster());
        ColorModel colors = image.getColorModel();
        return Pixels.rgb(new BufferedImage(colors, raster, colors.isAlphaPremultiplied(), null));
    }

    /** Returns a copy of type {@link BufferedImage#TYPE_INT_RGB}. */
    public BufferedImage toImage() {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        // Not by setRGB, which asks the colour model about each pixel.
        int[] pixels = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
        for (int i = 0, at = 0; i < pixels.length; i++, at += 3) {
            pixels[i] = (rgb[at] & 0xFF) << 16 | (rgb[at + 1] & 0xFF) << 8 | rgb[at + 2] & 0xFF;
        }
        return image;
    }

    /**
     * Writes a JPEG to a stream, which stays open.
     *
     * @param quality 0 to 1
     */
    public void writeJpeg(OutputStream out, float quality) throws IOException {
        ImageIO.setUseCache(false);
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
            ImageWriteParam settings = writer.getDefaultWriteParam();
            settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            settings.setCompressionQuality(quality);
            writer.setOutput(stream);
            writer.write(null, new IIOImage(toImage(), null, null), settings);
        } finally {
            writer.dispose();
        }
    }

    /**
     * Photographs as network input: channels first, values in 0 to 1 less the mean of ImageNet and divided by its standard
     * deviation, as torchvision's {@code ToTensor} and {@code Normalize} do in single precision.
     */
    public static final class ImageTensor {
        private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
        private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};
        private static final float[][] NORMALIZED = tables();

        private ImageTensor() {}

        private static float[][] tables() {
            float[][] tables = new float[3][256];
            for (int channel = 0; channel < 3; channel++) {
                for (int value = 0; value < 256; value++) {
                    tables[channel][value] = (value / 255f - MEAN[channel]) / DEVIATION[channel];
                }
            }
            return tables;
        }

        /**
         * Writes [3, height, width] floats.
         *
         * @param out gets 3 x height x width values from {@code offset} on
         * @throws IllegalArgumentException if they don't fit
         */
        public static void normalized(RgbImage image, float[] out, int offset) {
            write(image, out, offset, false);
        }

        /** As {@link #normalized}, for the image mirrored left to right. */
        public static void normalizedMirrored(RgbImage image, float[] out, int offset) {
            write(image, out, offset, true);
        }

        private static void write(RgbImage image, float[] out, int offset, boolean mirrored) {
            int width = image.width();
            int plane = image.pixels();
            if (offset < 0 || offset > out.length - 3L * plane) {
                throw new IllegalArgumentException("3x" + image.height() + "x" + width + " floats don't fit from "
                        + offset + " on into " + out.length);
            }
            byte[] rgb = image.rgb();
            float[] red = NORMALIZED[0];
            float[] green = NORMALIZED[1];
            float[] blue = NORMALIZED[2];
            for (int y = 0; y < image.height(); y++) {
                int from = 3 * y * width + (mirrored ? 3 * (width - 1) : 0);
                int step = mirrored ? -3 : 3;
                int to = offset + y * width;
                for (int x = 0; x < width; x++) {
                    out[to] = red[rgb[from] & 0xFF];
                    out[to + plane] = green[rgb[from + 1] & 0xFF];
                    out[to + 2 * plane] = blue[rgb[from + 2] & 0xFF];
                    to++;
                    from += step;
                }
            }
        }
    }
}
