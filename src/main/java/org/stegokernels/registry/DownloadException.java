package org.stegokernels.registry;

import java.io.IOException;

/** A file can't be had from its address. The message names the address and why; what came of it so far is kept. */
public final class DownloadException extends IOException {
    private static final long serialVersionUID = 1L;

    DownloadException(String message, Throwable cause) {
        super(message, cause);
    }
}
