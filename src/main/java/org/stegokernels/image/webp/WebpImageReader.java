package org.stegokernels.image.webp;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import javax.imageio.IIOException;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.stream.ImageInputStream;

/**
 * Reads WebP pictures, lossy and lossless, with opacity, and of an animation the first frame on its canvas, which is
 * transparent elsewhere. Colour profiles and orientation are left to the caller. The input is an
 * {@link ImageInputStream} that knows its length.
 */
public final class WebpImageReader extends ImageReader {
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    private Container container;

    public WebpImageReader() {
        super(null);
    }

    @Override
    public void setInput(Object input, boolean seekForwardOnly, boolean ignoreMetadata) {
        super.setInput(input, seekForwardOnly, ignoreMetadata);
        container = null;
    }

    private Container container(int imageIndex) throws IOException {
        if (imageIndex != 0) {
            throw new IndexOutOfBoundsException("a WebP file has image 0, not " + imageIndex);
        }
        if (container == null) {
            container = Container.read((ImageInputStream) getInput());
        }
        return container;
    }

    @Override
    public int getNumImages(boolean allowSearch) {
        return 1;
    }

    @Override
    public int getWidth(int imageIndex) throws IOException {
        return container(imageIndex).canvas().width();
    }

    @Override
    public int getHeight(int imageIndex) throws IOException {
        return container(imageIndex).canvas().height();
    }

    @Override
    public Iterator<ImageTypeSpecifier> getImageTypes(int imageIndex) {
        return List.of(
                        ImageTypeSpecifier.createFromBufferedImageType(BufferedImage.TYPE_3BYTE_BGR),
                        ImageTypeSpecifier.createFromBufferedImageType(BufferedImage.TYPE_4BYTE_ABGR))
                .iterator();
    }

    @Override
    public IIOMetadata getStreamMetadata() {
        return null;
    }

    @Override
    public IIOMetadata getImageMetadata(int imageIndex) {
        return null;
    }

    /**
     * Reads the picture as bytes of blue, green and red, with opacity before them if any pixel may be transparent.
     *
     * @param param null, or one that asks for nothing
     * @throws IIOException if the picture is damaged
     * @throws java.io.EOFException if the file ends too early
     */
    @Override
    public BufferedImage read(int imageIndex, ImageReadParam param) throws IOException {
        Container place = container(imageIndex);
        ImageInputStream input = (ImageInputStream) getInput();
        byte[] data = place.picture().bytes(input);
        if (place.picture().type() == Chunk.LOSSLESS) {
            int[] pixels = LosslessDecoder.decode(data);
            BufferedImage image = canvas(place, hasTransparent(pixels));
            write(pixels, place.size(), raster(image, place));
            return image;
        }
        byte[] opacity =
                place.alpha() == null ? null : AlphaDecoder.decode(place.alpha().bytes(input), place.size());
        Frame frame = LossyDecoder.decode(data);
        BufferedImage image = canvas(place, opacity != null);
        ColorConversion.Raster raster = raster(image, place);
        ColorConversion.convert(frame, raster);
        if (raster.hasOpacity()) {
            writeOpacity(opacity, place.size(), raster);
        }
        return image;
    }

    private static BufferedImage canvas(Container place, boolean transparent) throws IIOException {
        Size canvas = place.canvas();
        boolean hasOpacity = transparent || !canvas.equals(place.size());
        long bytes = (hasOpacity ? 4L : 3L) * canvas.width() * canvas.height();
        if (bytes > LARGEST_ARRAY) {
            throw new IIOException("the canvas is larger than an array can be");
        }
        int type = hasOpacity ? BufferedImage.TYPE_4BYTE_ABGR : BufferedImage.TYPE_3BYTE_BGR;
        return new BufferedImage(canvas.width(), canvas.height(), type);
    }

    /** Returns where the picture's pixels lie in the canvas. */
    private static ColorConversion.Raster raster(BufferedImage canvas, Container place) {
        byte[] bytes = ((DataBufferByte) canvas.getRaster().getDataBuffer()).getData();
        boolean hasOpacity = canvas.getType() == BufferedImage.TYPE_4BYTE_ABGR;
        int pixelBytes = hasOpacity ? 4 : 3;
        int rowBytes = pixelBytes * canvas.getWidth();
        int start = place.y() * rowBytes + place.x() * pixelBytes;
        return new ColorConversion.Raster(bytes, hasOpacity ? start + 1 : start, rowBytes, pixelBytes);
    }

    private static boolean hasTransparent(int[] pixels) {
        for (int pixel : pixels) {
            if (pixel >>> 24 != 0xFF) {
                return true;
            }
        }
        return false;
    }

    private static void write(int[] pixels, Size size, ColorConversion.Raster raster) {
        byte[] bytes = raster.bytes();
        int from = 0;
        for (int y = 0; y < size.height(); y++) {
            int to = raster.start() + y * raster.rowBytes();
            for (int x = 0; x < size.width(); x++) {
                int pixel = pixels[from++];
                bytes[to] = (byte) pixel;
                bytes[to + 1] = (byte) (pixel >> 8);
                bytes[to + 2] = (byte) (pixel >> 16);
                if (raster.hasOpacity()) {
                    bytes[to - 1] = (byte) (pixel >> 24);
                }
                to += raster.pixelBytes();
            }
        }
    }

    /** @param opacity of each pixel, or null if all are opaque */
    private static void writeOpacity(byte[] opacity, Size size, ColorConversion.Raster raster) {
        int from = 0;
        for (int y = 0; y < size.height(); y++) {
            int to = raster.start() + y * raster.rowBytes() - 1;
            for (int x = 0; x < size.width(); x++) {
                raster.bytes()[to] = opacity == null ? (byte) 0xFF : opacity[from++];
                to += raster.pixelBytes();
            }
        }
    }
}
