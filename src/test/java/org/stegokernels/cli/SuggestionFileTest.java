package org.stegokernels.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.cluster.KMeans.Suggestion;
import org.stegokernels.cluster.KMeans.Suggestion.Candidate;
import org.stegokernels.text.JsonWriter;

class SuggestionFileTest {
    @Test
    void aSuggestionIsReadAsItWasWritten(@TempDir Path folder) throws IOException {
        Suggestion suggestion =
                Suggestion.of(100, List.of(new Candidate(5, 1, 0.75, 0.125), new Candidate(6, 1 / 3.0, 0.1, 1e-9)));
        Path file = folder.resolve("classes.json");
        Files.write(file, JsonWriter.bytes(json -> SuggestionFile.write(suggestion, json)));
        assertThat(SuggestionFile.read(file)).isEqualTo(suggestion);
        for (String damaged : List.of("", "[]", "{}", "{\"points\": 3, \"candidates\": []}", "{\"candidates\": [7]}")) {
            Files.writeString(file, damaged);
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> SuggestionFile.read(file))
                    .withMessage(file + " holds no suggestion of a number of clusters: delete it");
        }
    }
}
