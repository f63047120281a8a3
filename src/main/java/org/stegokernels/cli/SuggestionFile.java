package org.stegokernels.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.stegokernels.cluster.KMeans.Suggestion;
import org.stegokernels.cluster.KMeans.Suggestion.Candidate;
import org.stegokernels.io.FileErrors;
import org.stegokernels.text.JsonReader;
import org.stegokernels.text.JsonWriter;

/** A suggested number of classes as JSON, for programs and for the report of a training that is resumed. */
final class SuggestionFile {
    private SuggestionFile() {}

    /** Writes the fields of an object, from which {@link #read} makes the suggestion again. */
    static void write(Suggestion suggestion, JsonWriter json) throws IOException {
        json.field("clusters", suggestion.best().clusters());
        json.field("reason", suggestion.reason());
        json.field("points", suggestion.points());
        json.beginList("candidates");
        for (Candidate each : suggestion.candidates()) {
            json.beginObject();
            json.field("clusters", each.clusters());
            json.field("stability", each.stability());
            json.field("silhouette", each.silhouette());
            json.field("eigengap", each.eigengap());
            json.endObject();
        }
        json.endList();
    }

    /**
     * Reads a file that holds such an object.
     *
     * @throws IOException if it can't be read, or holds something else; the message says which file
     */
    static Suggestion read(Path file) throws IOException {
        try {
            Map<?, ?> object = (Map<?, ?>) JsonReader.parse(ByteBuffer.wrap(Files.readAllBytes(file)));
            List<Candidate> candidates = new ArrayList<>();
            for (Object each : (List<?>) object.get("candidates")) {
                Map<?, ?> fields = (Map<?, ?>) each;
                candidates.add(new Candidate(
                        ((Number) fields.get("clusters")).intValue(),
                        ((Number) fields.get("stability")).doubleValue(),
                        ((Number) fields.get("silhouette")).doubleValue(),
                        ((Number) fields.get("eigengap")).doubleValue()));
            }
            return Suggestion.of(((Number) object.get("points")).intValue(), candidates);
        } catch (JsonReader.SyntaxException | ClassCastException | NullPointerException | IndexOutOfBoundsException e) {
            throw new IOException(file + " holds no suggestion of a number of clusters: delete it", e);
        } catch (IOException e) {
            throw FileErrors.reading(file, e);
        }
    }
}
