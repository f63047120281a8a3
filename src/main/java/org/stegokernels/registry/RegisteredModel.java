package org.stegokernels.registry;

import java.net.URI;
import java.util.OptionalLong;
import org.stegokernels.vit.Architecture;

/**
 * A model that has a name.
 *
 * @param name as in {@code --model NAME}: small letters, digits and hyphens
 * @param title what its authors call it
 * @param purpose what it is for, in a few words
 * @param licence of its weights, as an SPDX identifier
 * @param url where its authors publish it; null for the one that comes with the program
 * @param bytes length of the published file; null if its authors don't say
 * @param sha256 digest of the published file in hexadecimal; null if its authors don't say
 * @param expects its backbone; null if that is not known
 */
public record RegisteredModel(
        String name,
        ModelKind kind,
        String title,
        String purpose,
        String licence,
        URI url,
        Long bytes,
        String sha256,
        Architecture expects) {
    private static final String NAME = "[a-z0-9][a-z0-9-]{0,63}";
    /** Leaves room for what the names of parts have behind it, within the 255 bytes of common file systems. */
    private static final String FILE = "[\\w.-]{0,199}\\w";

    /** Longest published file where nothing is known of it: three times what a ViT-H takes. */
    private static final long MOST_BYTES = 8L << 30;
    /** Longest published file as a multiple of its weights: those, their running mean and Adam's two moments. */
    private static final int COPIES = 4;
    /** What a published file may have besides: heads and settings of the training. */
    private static final long BESIDES = 256L << 20;

    /** @throws IllegalArgumentException if something is missing or can't be right */
    public RegisteredModel {
        require(name != null && name.matches(NAME), "a model's name must match " + NAME + ", unlike " + name);
        require(kind != null && title != null && purpose != null && licence != null, name + " is not described");
        require(sha256 == null || sha256.matches("[0-9a-f]{64}"), name + ": no SHA-256: " + sha256);
        require(bytes == null || bytes > 0, name + ": no length: " + bytes);
        require(
                url == null
                        || ("" + url.getScheme()).matches("https?")
                                && url.getPath().matches(".*/" + FILE),
                name + ": no address of a file: " + url);
    }

    private static void require(boolean held, String message) {
        if (!held) {
            throw new IllegalArgumentException(message);
        }
    }

    /** Returns whether it comes with the program. */
    public boolean embedded() {
        return url == null;
    }

    /** What the published file is called. */
    public String fileName() {
        return url.getPath().substring(url.getPath().lastIndexOf('/') + 1);
    }

    /** Length of the published file; of a backbone, if need be, what its weights take as 32-bit floats. */
    public OptionalLong size() {
        if (bytes != null) {
            return OptionalLong.of(bytes);
        }
        return kind == ModelKind.BACKBONE && expects != null ? OptionalLong.of(expects.bytes()) : OptionalLong.empty();
    }

    /**
     * Longest that the published file can be, in bytes: its length if that is known; else, by the measures of its
     * transformer, what a checkpoint of a training takes; else 8 GiB. More is not downloaded.
     */
    public long mostBytes() {
        if (bytes != null) {
            return bytes;
        }
        return expects == null ? MOST_BYTES : COPIES * expects.bytes() + BESIDES;
    }
}
