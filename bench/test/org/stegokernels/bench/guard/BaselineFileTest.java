package org.stegokernels.bench.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaselineFileTest {
    private static final Machine WIDE = new Machine("a", 2, 512, 17, "cpu");
    private static final Machine NARROW = new Machine("a", 2, 256, 17, "cpu");

    @TempDir
    private Path folder;

    private static BaselineFile.Baseline baseline(Machine machine, double level) {
        return new BaselineFile.Baseline(
                machine, "17.0.1", "2026-11-25", Map.of("linear", new Estimate(level, level - 0.01, level + 0.01)));
    }

    @Test
    void keepsOneBaselineForEachKindOfMachine() throws IOException {
        Path file = folder.resolve("baseline.json");
        BaselineFile.read(file).update(baseline(WIDE, 0.5));
        BaselineFile.read(file).update(baseline(NARROW, 0.6));
        BaselineFile.read(file).update(baseline(WIDE, 0.7));
        BaselineFile read = BaselineFile.read(file);
        assertThat(read.machines()).containsExactlyInAnyOrder(WIDE, NARROW);
        assertThat(read.of(WIDE)).contains(baseline(WIDE, 0.7));
        assertThat(read.of(NARROW)).contains(baseline(NARROW, 0.6));
    }

    @Test
    void anotherJavaOrDeviceIsAnotherKindOfMachine() throws IOException {
        Path file = folder.resolve("baseline.json");
        BaselineFile.read(file).update(baseline(WIDE, 0.5));
        BaselineFile read = BaselineFile.read(file);
        assertThat(read.of(new Machine("a", 2, 512, 25, "cpu"))).isEmpty();
        assertThat(read.of(new Machine("a", 2, 512, 17, "opencl"))).isEmpty();
        assertThat(read.of(new Machine("b", 2, 512, 17, "cpu"))).isEmpty();
        assertThat(read.of(new Machine("a", 4, 512, 17, "cpu"))).isEmpty();
    }

    @Test
    void aDamagedFileIsAnErrorThatNamesIt() throws IOException {
        Path file = folder.resolve("baseline.json");
        Files.writeString(file, "{\"baselines\": 3}");
        assertThatThrownBy(() -> BaselineFile.read(file)).hasMessageContaining(file.toString());
    }
}
