package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingFolderTest {
    @TempDir
    Path path;

    @Test
    void theModelToUseIsTheBestThatIsThere() throws IOException {
        TrainingFolder folder = new TrainingFolder(path);
        assertThat(folder.recommended()).isEqualTo(folder.last());
        Files.createFile(folder.consensus());
        assertThat(folder.recommended()).isEqualTo(folder.consensus());
        Files.createFile(folder.best());
        assertThat(folder.recommended()).isEqualTo(folder.best());
    }
}
