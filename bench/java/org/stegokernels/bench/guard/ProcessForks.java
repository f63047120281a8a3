package org.stegokernels.bench.guard;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.stegokernels.cli.CompilerFlags;

/** Starts {@link ForkMain} with the flags of the product's own virtual machine. */
final class ProcessForks implements Forks {
    private final ObjectMapper json = new ObjectMapper();
    private final List<String> prefix;
    private final String device;
    private final double warmUpSeconds;
    private final int samples;

    /** @param prefix command that starts each fork; may be empty */
    ProcessForks(List<String> prefix, String device, double warmUpSeconds, int samples) {
        this.prefix = prefix;
        this.device = device;
        this.warmUpSeconds = warmUpSeconds;
        this.samples = samples;
    }

    @Override
    public Machine machine() throws IOException {
        return json.readValue(lines(List.of()).get(0), Machine.class);
    }

    @Override
    public List<Sample> run(Collection<String> paths) throws IOException {
        List<String> lines = lines(paths);
        List<Sample> read = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            read.add(json.readValue(line, Sample.class));
        }
        return read;
    }

    private List<String> lines(Collection<String> paths) throws IOException {
        Path temporary = Files.createTempDirectory("guard");
        File log = temporary.resolve("log").toFile();
        try {
            Process process = new ProcessBuilder(command(temporary, paths))
                    .redirectError(log)
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
            List<String> lines;
            try (BufferedReader reader = process.inputReader()) {
                lines = reader.lines().toList();
            }
            if (process.waitFor() != 0) {
                throw new IOException("a fork of the guard failed:\n" + Files.readString(log.toPath()));
            }
            return lines;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            delete(temporary);
        }
    }

    private List<String> command(Path temporary, Collection<String> paths) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                String.join(File.separator, System.getProperty("java.home"), "bin", "java"),
                "--add-modules=jdk.incubator.vector",
                "-XX:+UseSerialGC"));
        command.addAll(CompilerFlags.list());
        command.addAll(List.of(
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                ForkMain.class.getName(),
                device,
                Double.toString(warmUpSeconds),
                Integer.toString(samples)));
        command.addAll(paths);
        return command;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
