package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What helps a person to the right command: help, guesses, completion, the next step. */
class HelpAndCompletionTest {
    private static final Path BASH = Path.of("/bin/bash");

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "help segmnt, segmnt, segment, stego-kernels",
        "help models pul, pul, pull, stego-kernels models",
        "segmnt x.jpg, segmnt, segment, stego-kernels",
        "hlep, hlep, help, stego-kernels",
        "models lst, lst, list, stego-kernels models",
        "help nosuchcommand, nosuchcommand, , stego-kernels"
    })
    void anUnknownCommandIsNamedWithWhatMayHaveBeenMeant(String line, String named, String meant, String parent) {
        CommandLineRun run = CommandLineRun.of((Object[]) line.split(" "));
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines())
                .containsExactly(
                        "error: unknown command " + named + (meant == null ? "" : "; did you mean " + meant + "?"),
                        "Try '" + parent + " --help'.");
    }

    @Test
    void whatHasNoCommandsSaysSo() {
        assertThat(CommandLineRun.of("help", "segment", "x").err()).startsWith("error: segment has no command x");
    }

    @Test
    void helpExplainsItselfAndTheOthers() {
        assertThat(CommandLineRun.of("help", "help")).isEqualTo(CommandLineRun.of("help", "--help"));
        assertThat(CommandLineRun.of("help", "completion").out()).contains("Usage: stego-kernels completion");
        assertThat(CommandLineRun.of("help", "cache", "clear").out()).contains("Usage: stego-kernels cache clear");
    }

    @Test
    void aMistypedHelpIsAnUnknownOption() {
        CommandLineRun run = CommandLineRun.of("--hlep");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).startsWith("error: unknown option --hlep; did you mean --help?");
    }

    /** Completes a command line as bash does at the Tab key. */
    private List<String> completed(String word, String... words) throws Exception {
        Path script = Files.writeString(
                folder.resolve("completion"),
                CommandLineRun.of("completion", "--name", word).out());
        List<String> command = new ArrayList<>(List.of(
                BASH.toString(),
                "-c",
                "source \"$0\"; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _complete_" + word
                        + "; printf '%s\\n' \"${COMPREPLY[@]}\"",
                script.toString(),
                word));
        command.addAll(List.of(words));
        Process bash = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String answer = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(bash.exitValue()).as(answer).isZero();
        return answer.lines().map(String::strip).toList();
    }

    @Test
    void bashCompletesCommandsAndOptions() throws Exception {
        assumeTrue(Files.isExecutable(BASH), "no bash");
        assertThat(completed("stego-kernels", "se"))
                .contains("segment", "serve")
                .doesNotContain("train");
        assertThat(completed("stego-kernels", "cache", "")).contains("list", "clear");
        assertThat(completed("stego", "segment", "--skip")).containsExactly("--skip-existing");
    }

    @Test
    void aWordThatWouldActInTheScriptIsRefused() {
        CommandLineRun run = CommandLineRun.of("completion", "--name", "x; rm -r y");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(run.out()).isEmpty();
    }

    private record OnTerminal(int exitCode, String out, String err) {}

    /** Runs a command where a person reads both streams. */
    private static OnTerminal onTerminal(Object... arguments) throws IOException {
        String[] args = new String[arguments.length];
        for (int i = 0; i < args.length; i++) {
            args[i] = arguments[i].toString();
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode = StegoKernels.run(args, new Console(out, err, true, true, false));
        return new OnTerminal(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void aPersonIsToldTheNextStep() throws IOException {
        Path photograph = Pictures.png(folder.resolve("a.png"), 64, 64);
        Path out = folder.resolve("my masks");
        Object[] segment = {
            "segment", photograph, "-m", "kernels/reference/pipeline.safetensors", "--size", 64, "-o", out
        };
        OnTerminal run = onTerminal(segment);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.err())
                .contains("next: look at " + out.resolve("index.html") + ", or stego-kernels export '" + out
                        + "' --format coco");
        assertThat(run.out()).doesNotContain("next:");
        assertThat(onTerminal("export", out, "--format", "ids").err()).contains("next: look at " + out);
    }

    @Test
    void noProgramIsToldAnything() throws IOException {
        assertThat(onTerminal("models", "list").err()).contains("next: stego-kernels models pull NAME");
        assertThat(onTerminal("models", "list", "--json").err()).isEmpty();
        assertThat(CommandLineRun.of("models", "list").err()).isEmpty();
        assertThat(onTerminal("models", "path", "nosuchmodel").err()).doesNotContain("next:");
    }
}
