package org.stegokernels.cli;

/** The command line can't be carried out as given. The message says what to change. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
