package org.stegokernels.cli;

import java.time.Duration;
import org.stegokernels.image.ImageReader;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that say how much one picture may ask for. */
final class LimitSelection {
    private static final long MEGA = 1_000_000;
    /** Fewer pixels than this were meant to be megapixels. */
    private static final long FEWEST = 10_000;

    /** Takes a number of pixels, with an M for millions of them. */
    static final class Pixels implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            boolean mega = text.endsWith("M") || text.endsWith("m");
            double number = Double.parseDouble(mega ? text.substring(0, text.length() - 1) : text);
            double pixels = mega ? number * MEGA : number;
            if (!(pixels >= FEWEST)) {
                throw new TypeConversionException(
                        "'" + text + "' pixels are fewer than any photograph has; add an M for megapixels: 400M");
            }
            return (long) pixels;
        }
    }

    @Option(
            names = "--max-pixels",
            paramLabel = "N",
            order = 85,
            converter = Pixels.class,
            description = "The most pixels (width x height) that a picture may have; 250M is 250 megapixels, which take"
                    + " 1.5 GB to decode. A file of few bytes can promise many. Default: 250M.")
    private Long maxPixels;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            order = 86,
            defaultValue = "300",
            description = "The longest time that reading one picture may take; 0 for no limit."
                    + " Default: ${DEFAULT-VALUE}.")
    private double timeout;

    /** @throws UsageException if the options can't be right */
    ImageReader.Limits limits() {
        return limits(ImageReader.Limits.DEFAULT.maxPixels());
    }

    /**
     * As {@link #limits()}, with another default.
     *
     * @param usualPixels the limit unless one is given
     */
    ImageReader.Limits limits(long usualPixels) {
        if (!(timeout >= 0 && timeout <= Integer.MAX_VALUE)) {
            throw new UsageException("--timeout must be a number of seconds, 0 or more, not " + timeout);
        }
        long millis = (long) Math.ceil(timeout * 1000);
        return new ImageReader.Limits(
                maxPixels == null ? usualPixels : maxPixels, millis == 0 ? null : Duration.ofMillis(millis));
    }
}
