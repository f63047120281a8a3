package org.stegokernels.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Optional;
import org.stegokernels.text.Printable;

/**
 * Standard output or standard error. Text is made {@link Printable}, bytes pass as they are; a status line makes way
 * for both; and the first failure to write is kept, which a {@link PrintStream} only counts.
 */
final class OutputPrinter extends PrintStream {
    private final Sink sink;

    /** @param status the last line of the terminal that this writes to, or null */
    OutputPrinter(OutputStream out, Charset charset, StatusLine status) {
        this(new Sink(out, status), charset);
    }

    private OutputPrinter(Sink sink, Charset charset) {
        // Flushed at the end of each line, so that a status line can't come into the middle of one.
        super(new BufferedOutputStream(sink), true, charset);
        this.sink = sink;
    }

    /** Returns the first failure to write; a reader who closed a pipe has enough, and that is none. */
    Optional<IOException> failure() {
        flush();
        // "Broken pipe"; on Windows "The pipe is being closed", or "has been ended".
        boolean enough = sink.failure != null
                && String.valueOf(sink.failure.getMessage()).contains("pipe");
        return enough ? Optional.empty() : Optional.ofNullable(sink.failure);
    }

    /** Prints a text. Everything that prints or formats text comes here. */
    @Override
    public void print(String text) {
        super.print(Printable.text(String.valueOf(text)));
    }

    @Override
    public void print(Object object) {
        print(String.valueOf(object));
    }

    @Override
    public void print(char character) {
        print(String.valueOf(character));
    }

    @Override
    public void print(char[] text) {
        print(String.valueOf(text));
    }

    private static final class Sink extends OutputStream {
        private final OutputStream out;
        private final StatusLine status;
        private IOException failure;

        Sink(OutputStream out, StatusLine status) {
            this.out = out;
            this.status = status;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                if (status == null) {
                    out.write(bytes, offset, length);
                } else {
                    status.print(out, bytes, offset, length);
                }
            } catch (IOException e) {
                throw kept(e);
            }
        }

        @Override
        public void flush() throws IOException {
            try {
                out.flush();
            } catch (IOException e) {
                throw kept(e);
            }
        }

        private IOException kept(IOException e) {
            if (failure == null) {
                failure = e;
            }
            return e;
        }
    }
}
