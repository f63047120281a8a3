package org.stegokernels.registry;

import java.io.IOException;

/** A file is not the one that it should be. */
final class DigestException extends IOException {
    private static final long serialVersionUID = 1L;

    DigestException(String message) {
        super(message);
    }
}
