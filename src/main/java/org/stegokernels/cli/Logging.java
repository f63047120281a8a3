package org.stegokernels.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.stegokernels.text.Printable;

/** Sends what the program logs to standard error, one plain line each: {@code warning: ...}. */
final class Logging {
    /** Held, because the logging system forgets the settings of a logger that nobody holds. */
    private static final Logger ROOT = Logger.getLogger("org.stegokernels");

    private Logging() {}

    static void to(PrintStream err, boolean verbose) {
        for (Handler handler : ROOT.getHandlers()) {
            ROOT.removeHandler(handler);
        }
        ROOT.setUseParentHandlers(false);
        ROOT.setLevel(verbose ? Level.INFO : Level.WARNING);
        ROOT.addHandler(new Lines(err));
    }

    private static final class Lines extends Handler {
        private final PrintStream err;
        private final Formatter formatter = new SimpleFormatter();

        Lines(PrintStream err) {
            this.err = err;
        }

        @Override
        public void publish(LogRecord event) {
            if (isLoggable(event)) {
                String level = event.getLevel() == Level.SEVERE
                        ? "error"
                        : event.getLevel().getName().toLowerCase(Locale.ROOT);
                err.println(level + ": " + Printable.line(formatter.formatMessage(event)));
                if (event.getThrown() != null) {
                    event.getThrown().printStackTrace(err);
                }
            }
        }

        @Override
        public void flush() {
            err.flush();
        }

        @Override
        public void close() {
            flush();
        }
    }
}
