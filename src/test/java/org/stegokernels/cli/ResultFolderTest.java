package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.io.AtomicFile;
import picocli.CommandLine;

class ResultFolderTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void file() {
        file = folder.resolve("a.png");
    }

    private ResultFolder results(String purpose, String... options) throws IOException {
        ResultFolder.Overwriting overwriting = new ResultFolder.Overwriting();
        new CommandLine(CommandLine.Model.CommandSpec.forAnnotatedObject(overwriting)).parseArgs(options);
        return ResultFolder.of(folder, purpose, overwriting);
    }

    private static AtomicFile.Writer text(String text) {
        return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    private void assertRefused(ResultFolder results) {
        assertThatThrownBy(() -> results.require(file))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "a result would overwrite the photograph " + file + ", which is no result of an earlier run:"
                                + " choose another folder for --out, or add --overwrite");
    }

    @Test
    void aResultOfAnEarlierRunIsReplaced() throws IOException {
        results("masks").require(file);
        results("masks").write(file, text("first"));
        results("masks").require(file);
        results("masks").write(file, text("second"));
        results("masks").require(file);
        assertThat(file).hasContent("second");
    }

    @Test
    void aFileOfSomebodyElseIsNot() throws IOException {
        Files.writeString(file, "a photograph");
        assertRefused(results("masks"));
        assertThatCode(() -> results("masks", "--overwrite").require(file)).doesNotThrowAnyException();
    }

    @Test
    void aResultThatWasChangedIsSomebodyElses() throws IOException {
        results("masks").write(file, text("a mask"));
        Files.writeString(file, "a mask, touched up by hand");
        assertRefused(results("masks"));
    }

    @Test
    void aResultUnderAnotherNameOrForAnotherPurposeIsSomebodyElses() throws IOException {
        results("masks").write(folder.resolve("b.png"), text("a mask"));
        Files.copy(folder.resolve("b.png"), file);
        assertRefused(results("masks"));
        results("masks", "--overwrite").write(file, text("a mask"));
        results("masks").require(file);
        assertRefused(results("crops"));
    }

    @Test
    void aLinkIsSomebodyElsesEvenToAResult() throws IOException {
        results("masks").write(folder.resolve("b.png"), text("a mask"));
        Files.createSymbolicLink(file, folder.resolve("b.png"));
        assertRefused(results("masks"));
    }

    @Test
    void whatIsRecordedIsThereBeforeTheFile() throws IOException {
        ResultFolder results = results("masks");
        results.write(file, text("old"));
        assertThatThrownBy(() -> results.write(file, out -> {
                    out.write(1);
                    throw new IOException("killed");
                }))
                .hasMessage("killed");
        results("masks").require(file);
        assertThat(Files.readAllLines(folder.resolve(ResultFolder.RECORD))).hasSize(1);
    }

    @Test
    void twoRunsAtOnceKeepEachOthersRecords() throws IOException {
        ResultFolder one = results("masks");
        ResultFolder other = results("masks");
        one.write(file, text("one"));
        other.write(folder.resolve("b.png"), text("other"));
        results("masks").require(file);
        results("masks").require(folder.resolve("b.png"));
    }

    @Test
    void aDamagedRecordForgetsButDoesNotBlock() throws IOException {
        results("masks").write(file, text("old"));
        Files.write(folder.resolve(ResultFolder.RECORD), new byte[] {(byte) 0xff, 0, '\n', (byte) 0xfe});
        assertRefused(results("masks"));
        results("masks").require(folder.resolve("new.png"));
    }

    @Test
    void theRecordFollowsNoLink() throws IOException {
        Path precious = Files.writeString(folder.resolve("precious"), "kept");
        Files.createSymbolicLink(folder.resolve(ResultFolder.RECORD), precious);
        assertThatThrownBy(() -> results("masks"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(ResultFolder.RECORD)
                .hasMessageContaining("delete it");
        assertThat(precious).hasContent("kept");
    }

    @Test
    void aPipeInPlaceOfTheRecordIsNotWaitedFor() throws Exception {
        Path pipe = folder.resolve(ResultFolder.RECORD);
        Process mkfifo;
        try {
            mkfifo = new ProcessBuilder("mkfifo", pipe.toString()).start();
        } catch (IOException e) {
            assumeTrue(false, "no mkfifo here");
            return;
        }
        assumeTrue(mkfifo.waitFor() == 0, "no pipes here");
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertThatThrownBy(() -> results("masks"))
                        .hasMessageContaining(ResultFolder.RECORD)
                        .hasMessageContaining("a pipe"));
    }

    @Test
    void whatCanNotBeAFileIsSaidBeforehand() throws IOException {
        Files.createDirectory(file);
        assertThatThrownBy(() -> results("masks").require(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is a folder");
        assertThatThrownBy(() -> results("masks").require(folder.resolve("\u5199".repeat(90) + ".png")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("too long");
    }
}
