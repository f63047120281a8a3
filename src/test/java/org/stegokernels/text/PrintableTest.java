package org.stegokernels.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 7, 8, 0xB, 0xD, 0x1B, 0x1F, 0x7F, 0x80, 0x84, 0x9B, 0x9F, 0x61C, 0x200E, 0x200F, 0x2028, 0x2029,
                0x202A, 0x202E, 0x2066, 0x2069
            })
    void whatActsOnATerminalBecomesAQuestionMark(int character) {
        String name = "a" + (char) character + "b";
        assertThat(Printable.line(name)).isEqualTo("a?b");
        assertThat(Printable.text(name)).isEqualTo("a?b");
        assertThat(Printable.escaped(name)).isEqualTo(String.format("a\\u%04xb", character));
    }

    @Test
    void lineBreaksAndTabsStayInAText() {
        assertThat(Printable.text("a\n\tb")).isEqualTo("a\n\tb");
        assertThat(Printable.line("a\n\tb")).isEqualTo("a??b");
    }

    /** A joiner (U+200D) makes one sign of two, and a no-break space does nothing. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "plain",
                "r\u00e9sum\u00e9",
                "a\u00a0b",
                "\u05e9\u05dc\u05d5\u05dd",
                "\ud83d\udc68\u200d\ud83d\udc69"
            })
    void everythingElseStays(String name) {
        assertThat(Printable.line(name)).isSameAs(name);
    }
}
