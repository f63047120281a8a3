package org.stegokernels.bench.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The committed baseline and the guard agree on what there is. */
class HotPathsTest {
    @Test
    void everyPathIsInEveryBaseline() throws Exception {
        List<String> paths = HotPaths.all().stream().map(HotPath::name).toList();
        assertThat(paths).doesNotHaveDuplicates();
        BaselineFile baselines = BaselineFile.read(Path.of("bench", "baseline.json"));
        assertThat(baselines.machines()).isNotEmpty();
        for (Machine machine : baselines.machines()) {
            assertThat(baselines.of(machine).orElseThrow().paths().keySet()).containsExactlyInAnyOrderElementsOf(paths);
        }
    }
}
