package org.stegokernels.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The processor of this machine by name. */
public final class Processor {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final String NAME = "model name";
    /** Hypervisors hide the name's end; family and model still tell one generation from the next. */
    private static final List<String> TELLING = List.of(NAME, "cpu family", "model");

    private Processor() {}

    /** Returns name, family and model where the system tells, else the architecture. */
    public static String name() throws IOException {
        if (!Files.isReadable(CPU_INFO)) {
            return System.getProperty("os.arch");
        }
        List<String> lines = Files.readAllLines(CPU_INFO);
        String name = TELLING.stream().flatMap(key -> first(lines, key)).collect(Collectors.joining(", "));
        return name.isEmpty() ? System.getProperty("os.arch") : name;
    }

    /** Returns the name's value alone; {@code cpu family 26} of the rest. */
    private static Stream<String> first(List<String> lines, String key) {
        return lines.stream()
                .map(line -> line.split("\\s*:\\s*", 2))
                .filter(parts -> parts.length == 2 && parts[0].equals(key))
                .map(parts -> key.equals(NAME) ? parts[1] : key + " " + parts[1])
                .limit(1);
    }
}
