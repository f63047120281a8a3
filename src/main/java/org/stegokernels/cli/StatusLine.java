package org.stegokernels.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;

/**
 * The last line of a terminal, repainted in place; whatever else is printed takes its place. Safe for use from many
 * threads.
 *
 * <p>The cursor waits at the start of the line: where a narrower window breaks a line into several, it stays at the first of
 * them, so that erasing from there to the end of the screen leaves nothing of it. The terminal doesn't wrap the line, so
 * that one painted for a wider window is cut and not broken.
 */
final class StatusLine {
    private static final String NO_WRAP = "\u001b[?7l";
    private static final String WRAP = "\u001b[?7h";
    private static final String ERASE_BELOW = "\u001b[J";

    private final OutputStream terminal;
    private final Charset charset;
    private boolean shown;

    StatusLine(OutputStream terminal, Charset charset) {
        this.terminal = terminal;
        this.charset = charset;
    }

    /** Paints one line over the one before. */
    synchronized void show(String line) {
        shown = true;
        write(NO_WRAP + line + ERASE_BELOW + '\r' + WRAP);
    }

    synchronized void erase() {
        if (shown) {
            shown = false;
            // Drawn from the start of the line: a Ctrl-C is echoed where the cursor waits.
            write('\r' + ERASE_BELOW);
        }
    }

    /** Passes bytes on to a stream that shares the terminal. */
    synchronized void print(OutputStream stream, byte[] bytes, int offset, int length) throws IOException {
        erase();
        stream.write(bytes, offset, length);
    }

    private void write(String text) {
        try {
            terminal.write(text.getBytes(charset));
            terminal.flush();
        } catch (IOException gone) {
            // Nobody looks any more.
            shown = false;
        }
    }
}
