package org.stegokernels.image;

import java.util.Locale;
import javax.imageio.event.IIOReadWarningListener;

/**
 * Remembers warnings that mean lost pixels. libjpeg fills what is missing with grey and only warns; for stray bytes
 * between segments and bad colour profiles it warns as well, but these cost nothing.
 */
final class Warnings implements IIOReadWarningListener {
    /** True if the file ends too early. */
    boolean truncated;
    /** The first warning of other damage, or null. */
    String damage;

    @Override
    public void warningOccurred(javax.imageio.ImageReader source, String warning) {
        String text = warning.toLowerCase(Locale.ROOT);
        truncated |= text.contains("truncated");
        boolean lost = text.contains("premature end") || text.contains("bad huffman");
        if (lost && damage == null) {
            damage = warning;
        }
    }
}
