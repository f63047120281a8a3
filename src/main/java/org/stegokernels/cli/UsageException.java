package org.stegokernels.cli;

import java.io.IOException;
import org.stegokernels.data.Dataset.DatasetException;

/** The command line can't be carried out as given. The message says what to change. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }

    /** Reads something. */
    interface Reading<T> {
        T read() throws IOException;
    }

    /**
     * Reads what the command line names, a dataset or a list: that it is not there or not what it should be is an error
     * of the command line.
     *
     * @throws UsageException if it can't be read
     */
    static <T> T reading(Reading<T> named) {
        try {
            return named.read();
        } catch (DatasetException | IOException e) {
            throw new UsageException(e.getMessage());
        }
    }
}
