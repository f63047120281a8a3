package org.stegokernels.spark;

/** A job can't be carried out as given. The message says why and what to do. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
