package org.stegokernels.bench.guard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.stegokernels.bench.roofline.HostPeaks;

/**
 * A kind of machine. Ratios to the peak carry over from one machine of a kind to another, not to another kind: caches,
 * vectors and the Java compiler shift them by more than the guard's limit.
 *
 * @param processor its name, and family and model where the system tells
 * @param processors that a program sees
 * @param vectorBits of the registers that the Vector API prefers
 * @param java feature version
 * @param device under measurement
 */
record Machine(String processor, int processors, int vectorBits, int java, String device) {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final List<String> TELLING = List.of("model name", "cpu family", "model");

    static Machine here(String device) throws IOException {
        return new Machine(
                processorName(),
                Runtime.getRuntime().availableProcessors(),
                HostPeaks.vectorBits(),
                Runtime.version().feature(),
                device);
    }

    private static String processorName() throws IOException {
        if (!Files.isReadable(CPU_INFO)) {
            return System.getProperty("os.arch");
        }
        List<String> lines = Files.readAllLines(CPU_INFO);
        String name = TELLING.stream().flatMap(key -> first(lines, key)).collect(Collectors.joining(", "));
        return name.isEmpty() ? System.getProperty("os.arch") : name;
    }

    /** The value of {@code model name}, or {@code cpu family 26}. */
    private static Stream<String> first(List<String> lines, String key) {
        return lines.stream()
                .map(line -> line.split("\\s*:\\s*", 2))
                .filter(parts -> parts.length == 2 && parts[0].equals(key))
                .map(parts -> key.equals("model name") ? parts[1] : key + " " + parts[1])
                .limit(1);
    }

    @Override
    public String toString() {
        return processor + ", " + processors + " processors, vectors of " + vectorBits + " bits, Java " + java
                + ", device " + device;
    }
}
