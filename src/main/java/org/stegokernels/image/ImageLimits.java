package org.stegokernels.image;

import java.time.Duration;
import java.util.Locale;

/**
 * How much a picture may ask for before it is refused.
 *
 * @param maxPixels the most pixels, width x height; three bytes each are kept, and decoders need up to as much again
 * @param timeout the longest time that reading may take, or null for no limit; checked whenever the file is read and
 *     where decoders tell their progress
 */
public record ImageLimits(long maxPixels, Duration timeout) {
    /**
     * 250 megapixels, which phones and cameras don't reach: 750 MB of RGB. A file of few bytes can promise as much, so
     * who serves strangers sets less. No limit of time.
     */
    public static final ImageLimits DEFAULT = new ImageLimits(250_000_000, null);

    /** @throws IllegalArgumentException if there is no room for a pixel, or no time */
    public ImageLimits {
        if (maxPixels < 1) {
            throw new IllegalArgumentException("the limit must be at least 1 pixel, not " + maxPixels);
        }
        if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
            throw new IllegalArgumentException("the timeout must be above 0, not " + timeout);
        }
    }

    public ImageLimits withMaxPixels(long newMaxPixels) {
        return new ImageLimits(newMaxPixels, timeout);
    }

    public ImageLimits withTimeout(Duration newTimeout) {
        return new ImageLimits(maxPixels, newTimeout);
    }

    /** Returns the timeout in words: {@code "2.5 seconds"}. */
    String timeoutText() {
        return String.format(Locale.ROOT, "%.3g seconds", timeout.toMillis() / 1e3);
    }
}
