package org.stegokernels.spark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A job that {@code spark-submit} runs on a cluster of two executors, each a process of its own, with the jar that the build
 * made.
 */
final class ClusterRun implements AutoCloseable {
    private static final Path HOME = Path.of(System.getProperty("stego.spark.home"));
    private static final String JAR = System.getProperty("stego.spark.jar");
    private static final Duration LONGEST = Duration.ofMinutes(3);

    private final Process driver;
    private final Path log;
    private final Path out;

    private ClusterRun(Process driver, Path log, Path out) {
        this.driver = driver;
        this.log = log;
        this.out = out;
    }

    static ClusterRun start(Path scratch, Object... arguments) throws IOException {
        return start(scratch, List.of(), arguments);
    }

    /** Starts a job from the jar in one process. */
    static ClusterRun startLocal(Path scratch, Object... arguments) throws IOException {
        return start(scratch, List.of("spark.master=local[2]"), arguments);
    }

    /** @param settings {@code NAME=VALUE} of Spark, which may choose another master */
    static ClusterRun start(Path scratch, List<String> settings, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                HOME.resolve("bin/spark-submit").toString(),
                "--conf",
                "spark.master=local-cluster[2,1,1024]",
                "--conf",
                "spark.ui.enabled=false",
                "--conf",
                "spark.driver.host=localhost",
                "--conf",
                "spark.sql.shuffle.partitions=4",
                "--conf",
                "spark.executor.extraJavaOptions=-XX:+UseSerialGC",
                "--driver-java-options",
                "-XX:+UseSerialGC",
                "--conf",
                "spark.local.dir=" + scratch.resolve("local"),
                "--class",
                Main.class.getName()));
        for (String setting : settings) {
            command.addAll(List.of("--conf", setting));
        }
        command.add(JAR);
        Arrays.stream(arguments).map(Object::toString).forEach(command::add);
        Path log = Files.createTempFile(scratch, "driver", ".log");
        Path out = Files.createTempFile(scratch, "driver", ".out");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(log.toFile())
                .redirectOutput(out.toFile())
                .directory(scratch.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        return new ClusterRun(builder.start(), log, out);
    }

    /** Returns the processes of the executors that live. */
    List<ProcessHandle> executors() {
        return driver.descendants().filter(ClusterRun::isExecutor).toList();
    }

    private static boolean isExecutor(ProcessHandle process) {
        try {
            String command =
                    Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"), StandardCharsets.ISO_8859_1);
            return command.contains("CoarseGrainedExecutorBackend");
        } catch (IOException gone) {
            return false;
        }
    }

    /** Kills an executor as {@code kill -9} does, as soon as a folder has a file of results that is not the last. */
    void killAnExecutorOnceThereAreResults(Path folder) throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (driver.isAlive() && System.nanoTime() - start < LONGEST.toNanos()) {
            if (hasResults(folder)) {
                Optional<ProcessHandle> executor = executors().stream().findFirst();
                if (executor.isPresent()) {
                    executor.get().destroyForcibly();
                    return;
                }
            }
            Thread.sleep(20);
        }
        throw new IllegalStateException("no executor could be killed:\n" + log());
    }

    private static boolean hasResults(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> file.getFileName().toString().startsWith("part-"));
        }
    }

    /** Waits for the end and returns the exit code. */
    int exitCode() throws InterruptedException {
        if (!driver.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("the job does not end:\n" + log());
        }
        return driver.exitValue();
    }

    String out() {
        return text(out);
    }

    String log() {
        return text(log);
    }

    private static String text(Path file) {
        return new String(Photographs.bytes(file), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        driver.descendants().forEach(ProcessHandle::destroyForcibly);
        driver.destroyForcibly();
    }
}
