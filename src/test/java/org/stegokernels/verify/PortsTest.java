package org.stegokernels.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.verify.Verifier.Report;
import org.stegokernels.verify.Verifier.Report.Result.Status;

/** The ports in other languages pass every check, where their compilers and libraries are. */
class PortsTest {
    private static final Path PORTS = Path.of("kernels", "port");

    @TempDir
    private Path folder;

    /** Returns the status with which a command ended; -1 if it can't be started. */
    private static int run(List<String> command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException e) {
            return -1;
        }
    }

    private static void skipWithout(String family, List<String> command) throws InterruptedException {
        String absence = run(command) == 0 ? "" : String.join(" ", command) + " fails here";
        TestDevices.requireIfAskedFor(family, absence);
        assumeThat(absence).as("tests of the port in " + family).isEmpty();
    }

    private static void passesEverything(String command) {
        Report report = Verifier.verify(
                Verifier.program("exec:" + command, 120), 0, Verifier.Options.DEFAULT.withRandom(1, 0), result -> {});
        assertThat(report.results())
                .filteredOn(result -> result.status() != Status.PASS)
                .extracting(Report.Result::line)
                .isEmpty();
        assertThat(report.results()).hasSizeGreaterThan(200);
    }

    @Test
    void numpy() throws InterruptedException {
        String python = Stream.of("/usr/bin/python3", "python3")
                .filter(name -> Files.exists(Path.of(name)))
                .findFirst()
                .orElse("python3");
        skipWithout("numpy", List.of(python, "-c", "import numpy"));
        passesEverything(python + " " + PORTS.resolve("python").resolve("port.py"));
    }

    @Test
    void plainC() throws IOException, InterruptedException {
        skipWithout("gcc", List.of("gcc", "--version"));
        Path program = folder.resolve("port");
        List<String> command =
                new ArrayList<>(List.of("gcc", "-O2", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"));
        try (Stream<Path> files = Files.list(PORTS.resolve("c"))) {
            files.map(Path::toString)
                    .filter(name -> name.endsWith(".c"))
                    .sorted()
                    .forEach(command::add);
        }
        command.addAll(List.of("-o", program.toString(), "-lm"));
        assertThat(run(command)).isZero();
        passesEverything(program.toString());
    }
}
