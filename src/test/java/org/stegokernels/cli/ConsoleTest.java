package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a console can do, by system and environment. */
class ConsoleTest {
    @Test
    void terminalsObeyEscapesUnlessTheySayThatTheyAreDumb() {
        assertThat(Console.obeysEscapes(Map.of("TERM", "xterm"), false)).isTrue();
        assertThat(Console.obeysEscapes(Map.of("TERM", "dumb"), false)).isFalse();
        assertThat(Console.obeysEscapes(Map.of(), false)).isTrue();
    }

    @Test
    void theOldConsoleOfWindowsDoesNot() {
        assertThat(Console.obeysEscapes(Map.of(), true)).isFalse();
        assertThat(Console.obeysEscapes(Map.of("WT_SESSION", "1"), true)).isTrue();
        assertThat(Console.obeysEscapes(Map.of("ConEmuANSI", "ON"), true)).isTrue();
        assertThat(Console.obeysEscapes(Map.of("TERM", "xterm-256color"), true)).isTrue();
        assertThat(Console.obeysEscapes(Map.of("TERM", "dumb", "WT_SESSION", "1"), true))
                .isFalse();
    }

    @Test
    void aTerminalGetsItsOwnEncoding() {
        assertThat(Console.charset("ISO-8859-1", true, false)).isEqualTo(StandardCharsets.ISO_8859_1);
        assertThat(Console.charset("windows-1252", true, true)).isEqualTo(Charset.forName("windows-1252"));
    }

    @Test
    void filesAreInUtf8OnWindows() {
        assertThat(Console.charset("windows-1252", false, true)).isEqualTo(StandardCharsets.UTF_8);
        assertThat(Console.charset("ISO-8859-1", false, false)).isEqualTo(StandardCharsets.ISO_8859_1);
    }

    @Test
    void anUnknownEncodingIsThatOfTheLocale() {
        assertThat(Console.charset("cp-none", true, true)).isEqualTo(Charset.defaultCharset());
        assertThat(Console.charset(null, true, false)).isEqualTo(Charset.defaultCharset());
    }
}
