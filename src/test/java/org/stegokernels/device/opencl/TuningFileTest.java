package org.stegokernels.device.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TuningFileTest {
    private static final Tuning BASE = Tuning.cpu(16);

    @TempDir
    Path folder;

    @Test
    void whatWasFoundIsUsed() throws IOException {
        Path file = folder.resolve("new").resolve("tuning.properties");
        assertThat(TuningFile.load(file, BASE)).isEqualTo(BASE);
        Tuning found = BASE.with(Map.of("columns", 48, "keysPerStep", 64));
        TuningFile.store(file, found);
        assertThat(TuningFile.load(file, BASE)).isEqualTo(found).isNotEqualTo(BASE);
    }

    @Test
    void nonsenseIsNot() throws IOException {
        Path file = folder.resolve("tuning.properties");
        for (String text : new String[] {"columns=33", "columns=0", "columns=many", "lanes=3", "v=\\u00", "v=5"}) {
            Files.writeString(file, text);
            assertThat(TuningFile.load(file, BASE)).as(text).isEqualTo(BASE);
        }
    }

    @Test
    void tilesThatDoNotFitTogetherAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> BASE.with(Map.of("queries", 24)));
        assertThatIllegalArgumentException().isThrownBy(() -> BASE.with(Map.of("tileRows", 6)));
    }
}
