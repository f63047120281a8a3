package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OutputPrinterTest {
    private static OutputPrinter failing(String reason) {
        return new OutputPrinter(
                new OutputStream() {
                    @Override
                    public void write(int value) throws IOException {
                        throw new IOException(reason);
                    }
                },
                StandardCharsets.UTF_8,
                null);
    }

    @Test
    void noWayToPrintTextLetsItActOnATerminal() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        OutputPrinter printer = new OutputPrinter(bytes, StandardCharsets.UTF_8, null);
        String hostile = "é\u001b\u009b\u202e";
        Object object = new StringBuilder(hostile);
        printer.print(hostile);
        printer.println(hostile);
        printer.print(object);
        printer.println(object);
        printer.print(hostile.toCharArray());
        printer.println(hostile.toCharArray());
        printer.print('\u001b');
        printer.println('\u009b');
        printer.printf("%s%n", hostile);
        printer.append(hostile).append('\u001b').append(hostile, 1, 3);
        new IOException(hostile).printStackTrace(printer);
        printer.flush();
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .contains("é???")
                .contains("\tat ")
                .doesNotContain("\u001b")
                .doesNotContain("\u009b")
                .doesNotContain("\u202e");
    }

    @Test
    void theFirstFailureIsKept() {
        OutputPrinter printer = failing("No space left on device");
        printer.print("not even a line");
        assertThat(printer.failure()).hasValueSatisfying(e -> assertThat(e).hasMessage("No space left on device"));
    }

    @Test
    void aReaderWhoHasEnoughIsNoFailure() {
        OutputPrinter printer = failing("Broken pipe");
        printer.println("more");
        assertThat(printer.failure()).isEmpty();
    }
}
