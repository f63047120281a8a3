package org.stegokernels.convert;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The {@code config.json} that Hugging Face puts beside the weights: the one thing in it that they don't tell. */
final class HuggingFaceConfig {
    private static final int MOST_BYTES = 1 << 20;

    private HuggingFaceConfig() {}

    /**
     * How many attention heads there are; null if there is no such file or it doesn't say.
     *
     * @param weights the file with the weights, or their index
     */
    static Integer heads(Path weights) {
        Path file = weights.resolveSibling("config.json");
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MOST_BYTES) {
                return null;
            }
            try (JsonParser parser = new JsonFactory().createParser(Files.readAllBytes(file))) {
                parser.nextToken();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    boolean wanted = parser.currentName().equals("num_attention_heads");
                    if (parser.nextToken() == JsonToken.VALUE_NUMBER_INT && wanted) {
                        return parser.getIntValue();
                    }
                    parser.skipChildren();
                }
            }
        } catch (IOException e) {
            System.getLogger(HuggingFaceConfig.class.getName())
                    .log(System.Logger.Level.WARNING, "{0} is not used: {1}", file, e.getMessage());
        }
        return null;
    }
}
