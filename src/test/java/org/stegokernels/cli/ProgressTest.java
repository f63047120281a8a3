package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The line shown for a task that takes long. */
class ProgressTest {
    private final Console nobody =
            new Console(OutputStream.nullOutputStream(), OutputStream.nullOutputStream(), false, false, false);

    @Test
    void numbersComeFirstAndTheBarTakesWhatIsLeft() {
        try (Progress progress = Progress.of(nobody, "segmenting", 400)) {
            progress.stepTo(100);
            progress.message("fine");
            String numbers = "segmenting 100/400, 0:30 left, fine";
            assertThat(progress.text(80, 10)).isEqualTo(numbers + " [" + "=".repeat(10) + " ".repeat(32) + "]");
            assertThat(progress.text(200, 10)).isEqualTo(numbers + " [" + "=".repeat(15) + " ".repeat(45) + "]");
            assertThat(progress.text(40, 10)).isEqualTo(numbers);
        }
    }

    @Test
    void stepsOfAnEarlierRunSayNothingAboutTheTimeLeft() {
        try (Progress progress = Progress.of(nobody, "training", 1000)) {
            progress.startFrom(900);
            progress.stepTo(910);
            assertThat(progress.text(0, 20)).isEqualTo("training 910/1000, 3:00 left");
        }
    }

    @Test
    void hoursAreShownAsSuch() {
        try (Progress progress = Progress.of(nobody, "training", 10_001)) {
            progress.step();
            assertThat(progress.text(0, 1)).isEqualTo("training 1/10001, 2:46:40 left");
        }
    }

    @Test
    void bytesHaveASpeedAndMaybeNoEnd() {
        try (Progress progress = Progress.ofBytes(nobody, "model", 80_000_000);
                Progress endless = Progress.ofBytes(nobody, "model", -1)) {
            progress.stepTo(20_000_000);
            endless.stepTo(20_000_000);
            assertThat(progress.text(0, 10)).isEqualTo("model 20/80 MB, 2.0 MB/s, 0:30 left");
            assertThat(endless.text(80, 10)).isEqualTo("model 20 MB, 2.0 MB/s");
        }
    }

    @Test
    void whateverIsPrintedTakesThePlaceOfTheStatusLine() {
        ByteArrayOutputStream terminal = new ByteArrayOutputStream();
        Console console = new Console(terminal, terminal, true, true, false);
        console.statusLine().show("half done");
        console.out().println("a result");
        console.err().println("a remark");
        console.statusLine().show("nearly done");
        console.statusLine().erase();
        console.out().println("the end");
        assertThat(terminal.toString(StandardCharsets.UTF_8))
                .isEqualToNormalizingNewlines("\u001b[?7lhalf done\u001b[J\r\u001b[?7h\r\u001b[Ja result\na remark\n"
                        + "\u001b[?7lnearly done\u001b[J\r\u001b[?7h\r\u001b[Jthe end\n");
    }

    @Test
    void aClosedProgressIsNotPaintedAgain() throws InterruptedException {
        ByteArrayOutputStream terminal = new ByteArrayOutputStream();
        Console console = new Console(terminal, terminal, true, true, false);
        try (Progress progress = Progress.of(console, "work", 2)) {
            for (int wait = 0; wait < 1000 && terminal.size() == 0; wait++) {
                Thread.sleep(10);
            }
            assertThat(terminal.toString(StandardCharsets.UTF_8)).contains("work 0/2");
        }
        console.out().println("the end");
        Thread.sleep(600);
        assertThat(terminal.toString(StandardCharsets.UTF_8)).endsWith("\u001b[Jthe end" + System.lineSeparator());
    }
}
