package org.stegokernels.bench.guard;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.stegokernels.io.AtomicFile;

/** {@code bench/baseline.json}: one baseline for each kind of machine. */
final class BaselineFile {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Path file;
    private final List<Baseline> baselines;

    /**
     * The state of all paths on one kind of machine.
     *
     * @param jdk full version
     * @param date when it was measured, as in 2026-11-25
     * @param paths by name, in the order of the guard
     */
    record Baseline(Machine machine, String jdk, String date, Map<String, Estimate> paths) {}

    private record Content(List<Baseline> baselines) {}

    private BaselineFile(Path file, List<Baseline> baselines) {
        this.file = file;
        this.baselines = baselines;
    }

    /** @throws IOException if there is such a file and it can't be understood */
    static BaselineFile read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return new BaselineFile(file, List.of());
        }
        try {
            return new BaselineFile(
                    file, JSON.readValue(file.toFile(), Content.class).baselines());
        } catch (IOException e) {
            throw new IOException(file + " is no baseline: " + e.getMessage(), e);
        }
    }

    Optional<Baseline> of(Machine machine) {
        return baselines.stream()
                .filter(known -> known.machine().equals(machine))
                .findFirst();
    }

    List<Machine> machines() {
        return baselines.stream().map(Baseline::machine).toList();
    }

    /** Writes the file with this baseline in the place of the one of the same kind of machine. */
    void update(Baseline baseline) throws IOException {
        List<Baseline> all = new ArrayList<>(baselines);
        all.removeIf(known -> known.machine().equals(baseline.machine()));
        all.add(baseline);
        byte[] bytes = JSON.writeValueAsBytes(new Content(all));
        AtomicFile.write(file, out -> {
            out.write(bytes);
            out.write('\n');
        });
    }
}
