package org.stegokernels.data;

import java.io.IOException;
import java.nio.file.Path;

/** A dataset that is not what it should be. The message names the file or folder, the reason and what to do. */
public final class DatasetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;

    /**
     * @param file file or folder
     * @param reason what is wrong, without a full stop
     * @param remedy what to do about it, in the imperative
     */
    public DatasetException(Path file, String reason, String remedy) {
        this(file, reason, remedy, null);
    }

    public DatasetException(Path file, String reason, String remedy, Throwable cause) {
        super(file + ": " + reason + "; " + remedy, cause);
        this.file = file;
    }

    /** @param cause whose message names the file, the reason and what to do, as those of {@code io} */
    public DatasetException(Path file, IOException cause) {
        super(cause.getMessage(), cause);
        this.file = file;
    }

    public Path file() {
        return file;
    }
}
