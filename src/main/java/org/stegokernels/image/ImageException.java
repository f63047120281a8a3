package org.stegokernels.image;

import java.io.IOException;
import java.nio.file.Path;

/** An image file that can't be read. The message names the file, the reason and what to do. */
public final class ImageException extends RuntimeException {
    private final transient Path file;

    /**
     * Makes one without a failure behind it.
     *
     * @param reason what is wrong, without a full stop: {@code "the JPEG data ends too early"}
     * @param remedy what to do about it, in the imperative: {@code "copy the file again"}
     */
    public ImageException(Path file, String reason, String remedy) {
        this(file, reason, remedy, null);
    }

    /**
     * Makes one whose message has the three parts.
     *
     * @param file the image
     * @param reason what is wrong with it
     * @param remedy what to do, in the imperative
     * @param cause may be null
     */
    public ImageException(Path file, String reason, String remedy, Throwable cause) {
        super(file + ": " + reason + "; " + remedy, cause);
        this.file = file;
    }

    /**
     * Makes one with the message of a failure to read or write.
     *
     * @param cause whose message names the file, the reason and what to do, as those of {@code io}
     */
    public ImageException(Path file, IOException cause) {
        super(cause.getMessage(), cause);
        this.file = file;
    }

    /** Returns the image that is wrong. */
    public Path file() {
        return file;
    }
}
