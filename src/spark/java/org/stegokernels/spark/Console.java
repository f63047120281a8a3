package org.stegokernels.spark;

import java.io.PrintStream;
import org.stegokernels.text.Printable;

/**
 * The two streams that a job talks to.
 *
 * @param out results
 * @param err progress and errors
 */
record Console(PrintStream out, PrintStream err) {
    void print(String line) {
        out.println(Printable.text(line));
    }

    /** Tells how things are going. */
    void note(String line) {
        err.println(Printable.line(line));
    }

    void error(String message) {
        err.println("error: " + Printable.text(String.valueOf(message)).replaceAll("\n(?! )", "\n  "));
    }
}
