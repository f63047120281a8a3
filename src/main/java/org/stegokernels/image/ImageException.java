package org.stegokernels.image;

import java.io.IOException;
import java.nio.file.Path;

/** An image file that can't be read. The message names the file, the reason and what to do. */
public final class ImageException extends RuntimeException {
    private final transient Path file;

    /**
     * @param reason what is wrong, without a full stop: {@code "the JPEG data ends too early"}
     * @param remedy what to do about it, in the imperative: {@code "copy the file again"}
     */
    public ImageException(Path file, String reason, String remedy) {
        this(file, reason, remedy, null);
    }

    public ImageException(Path file, String reason, String remedy, Throwable cause) {
        super(file + ": " + reason + "; " + remedy, cause);
        this.file = file;
    }

    /** @param cause whose message names the file, the reason and what to do, as those of {@code io} */
    public ImageException(Path file, IOException cause) {
        super(cause.getMessage(), cause);
        this.file = file;
    }

    public Path file() {
        return file;
    }
}
