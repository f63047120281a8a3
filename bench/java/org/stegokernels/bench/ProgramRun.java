package org.stegokernels.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One run of a program in processes of its own, as from a shell: what it took.
 *
 * @param seconds from start to end
 * @param processorSeconds of all its processes together
 * @param residentBytes the most memory that its processes had, added up; 0 where the system doesn't tell
 */
record ProgramRun(double seconds, double processorSeconds, long residentBytes) {
    private static final Path OWN_STATUS = Path.of("/proc/self/stat");
    private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");
    private static final int WATCH_MILLIS = 10;
    /** Fields of {@code /proc/self/stat} after the name: processor time of children waited for, user and system. */
    private static final int CHILD_USER = 13;

    private static final int CHILD_SYSTEM = 14;
    private static final double TICKS_PER_SECOND = 100;

    /**
     * Runs a command to its end.
     *
     * @param log its output goes there
     * @throws IOException if it can't be started, or ends with another exit code than 0; the message has its output
     */
    static ProgramRun of(List<String> command, Path log) throws IOException, InterruptedException {
        double before = childSeconds();
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Map<Long, Long> peaks = new HashMap<>();
        Thread watch = new Thread(() -> watch(process, peaks), "watch");
        watch.start();
        int exitCode = process.waitFor();
        double seconds = (System.nanoTime() - start) / 1e9;
        watch.join();
        if (exitCode != 0) {
            throw new IOException(String.join(" ", command) + "\nended with exit code " + exitCode + ":\n"
                    + Files.readString(log, StandardCharsets.UTF_8));
        }
        long resident = peaks.values().stream().mapToLong(Long::longValue).sum();
        return new ProgramRun(seconds, childSeconds() - before, resident);
    }

    /** Returns the command that starts a jar with this Java. */
    static List<String> java(Path jar) {
        String java = String.join(File.separator, System.getProperty("java.home"), "bin", "java");
        return List.of(java, "-jar", jar.toString());
    }

    private static void watch(Process process, Map<Long, Long> peaks) {
        while (process.isAlive()) {
            Stream.concat(Stream.of(process.toHandle()), process.descendants())
                    .forEach(handle -> peaks.merge(handle.pid(), residentPeak(handle.pid()), Math::max));
            try {
                Thread.sleep(WATCH_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Reads the peak. The kernel keeps the highest value, so that the last look before the end has it. */
    private static long residentPeak(long pid) {
        try {
            Matcher peak = PEAK.matcher(Files.readString(Path.of("/proc", Long.toString(pid), "status")));
            return peak.find() ? 1024 * Long.parseLong(peak.group(1)) : 0;
        } catch (IOException goneOrNotLinux) {
            return 0;
        }
    }

    private static double childSeconds() throws IOException {
        try {
            String status = Files.readString(OWN_STATUS);
            String[] fields = status.substring(status.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[CHILD_USER]) + Long.parseLong(fields[CHILD_SYSTEM])) / TICKS_PER_SECOND;
        } catch (NoSuchFileException notLinux) {
            return 0;
        }
    }
}
