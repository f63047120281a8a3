package org.stegokernels.image;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.tiff.BigTIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import org.stegokernels.image.webp.WebpImageReader;

/**
 * The ImageIO reader for each format. The JDK's own readers come first and are taken by name: asking ImageIO for
 * whichever reader claims the file loads all of TwelveMonkeys for a plain JPEG, which costs more than decoding it.
 */
final class Decoders {
    private Decoders() {}

    /**
     * Returns the readers of JPEG worth trying, in order.
     *
     * @param components the number of colour components if known, else 0: a JPEG of four is CMYK, which the JDK refuses
     */
    static List<Decoder> jpeg(int components) {
        return components == 4
                ? List.of(Decoders::twelveMonkeysJpeg)
                : List.of(() -> jdk("JPEG"), Decoders::twelveMonkeysJpeg);
    }

    /** Returns the readers of a format, in the order in which to try them. */
    static List<Decoder> of(ImageFormat format) {
        return switch (format) {
            case JPEG -> jpeg(0);
            case PNG -> List.of(() -> jdk("PNG"));
            case GIF -> List.of(() -> jdk("GIF"));
            case BMP -> List.of(() -> jdk("BMP"));
            case WEBP -> List.of(WebpImageReader::new);
            case TIFF -> List.of(() -> new TIFFImageReaderSpi().createReaderInstance(null));
            case BIG_TIFF -> List.of(() -> new BigTIFFImageReaderSpi().createReaderInstance(null));
        };
    }

    /** Makes a reader. */
    @FunctionalInterface
    interface Decoder {
        ImageReader open() throws IOException;
    }

    private static ImageReader twelveMonkeysJpeg() throws IOException {
        JPEGImageReaderSpi provider = new JPEGImageReaderSpi();
        // It rests on the JDK's reader, and looks for it only when told that it has been registered.
        provider.onRegistration(IIORegistry.getDefaultInstance(), ImageReaderSpi.class);
        return provider.createReaderInstance(null);
    }

    private static ImageReader jdk(String format) throws IOException {
        Iterator<ImageReaderSpi> providers = IIORegistry.getDefaultInstance()
                .getServiceProviders(ImageReaderSpi.class, provider -> isJdk(provider, format), true);
        if (!providers.hasNext()) {
            throw new IOException("this Java runtime has no reader for " + format);
        }
        return providers.next().createReaderInstance();
    }

    private static boolean isJdk(Object provider, String format) {
        return provider.getClass().getModule() == ImageReaderSpi.class.getModule()
                && Arrays.asList(((ImageReaderSpi) provider).getFormatNames()).contains(format);
    }
}
