package org.stegokernels.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Safetensors files that belong together, by their index: {@code {"metadata": ..., "weight_map": {TENSOR: FILE}}}, as
 * Hugging Face writes it. The files lie beside the index, and no path leads elsewhere.
 */
public final class ShardedSafetensors implements TensorSource {
    private static final int MAX_INDEX_BYTES = 16 << 20;
    private static final int MAX_SHARDS = 1000;
    private static final String DAMAGED = "The index is damaged: fetch it again.";

    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(10)
                    .maxNameLength(SafetensorsHeader.MAX_NAME)
                    .maxStringLength(SafetensorsHeader.MAX_NAME)
                    .build())
            .build();

    private final String name;
    private final Map<String, Safetensors> shards = new LinkedHashMap<>();
    /** The file of each tensor. */
    private final Map<String, Safetensors> byTensor = new LinkedHashMap<>();

    private ShardedSafetensors(Path index) {
        name = index.toString();
    }

    /**
     * Opens an index and all files that it names.
     *
     * @throws ModelException if one of them is missing or damaged, or lacks a tensor that the index says it has
     */
    public static ShardedSafetensors open(Path index) {
        ShardedSafetensors opened = new ShardedSafetensors(index);
        try {
            opened.weightMap(index).forEach((tensor, file) -> opened.add(tensor, index, file));
            if (opened.shards.isEmpty()) {
                throw opened.damaged(null, "it names no files (no weight_map)");
            }
            return opened;
        } catch (ModelException e) {
            opened.close();
            throw e;
        }
    }

    private void add(String tensor, Path index, String file) {
        if (!shards.containsKey(file)) {
            boolean beside = !file.isEmpty() && !file.startsWith(".") && file.matches("[\\w.-]+");
            if (!beside || shards.size() == MAX_SHARDS) {
                throw damaged(
                        tensor,
                        beside
                                ? "it names more than " + MAX_SHARDS + " files"
                                : "it is said to be in " + ModelException.quoted(file)
                                        + ", which is not the name of a file beside the index");
            }
            shards.put(file, Safetensors.open(index.resolveSibling(file)));
        }
        Safetensors shard = shards.get(file);
        if (!shard.has(tensor)) {
            throw damaged(tensor, "it is said to be in " + file + ", but is not");
        }
        byTensor.put(tensor, shard);
    }

    private Map<String, String> weightMap(Path index) {
        try (ByteSource source = ByteSource.open(index)) {
            if (source.size() > MAX_INDEX_BYTES) {
                throw damaged(null, "it has " + source.size() + " bytes, more than " + MAX_INDEX_BYTES);
            }
            return source.reading(null, () -> parse(source));
        } catch (IOException e) {
            throw ByteSource.unreadable(name, null, e);
        }
    }

    private Map<String, String> parse(ByteSource source) throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        try (JsonParser parser =
                JSON.createParser(new ByteBufferBackedInputStream(source.window(0, (int) source.size())))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw damaged(null, "it is not a JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean wanted = parser.currentName().equals("weight_map");
                JsonToken value = parser.nextToken();
                if (!wanted) {
                    parser.skipChildren();
                } else if (value != JsonToken.START_OBJECT) {
                    throw damaged(null, "its weight_map is not an object");
                } else {
                    while (parser.nextToken() == JsonToken.FIELD_NAME) {
                        String tensor = parser.currentName();
                        if (parser.nextToken() != JsonToken.VALUE_STRING
                                || files.size() == SafetensorsHeader.MAX_TENSORS) {
                            throw damaged(tensor, "its file is not given as a string, or there are too many");
                        }
                        files.put(tensor, parser.getText());
                    }
                }
            }
        } catch (JsonProcessingException e) {
            throw damaged(null, "it is not valid JSON (" + e.getOriginalMessage() + ")");
        }
        return files;
    }

    /** How many files there are. */
    public int shards() {
        return shards.size();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<String, String> metadata() {
        return Map.of();
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(byTensor.keySet());
    }

    @Override
    public Entry entry(String tensor) {
        return shard(tensor).entry(tensor);
    }

    @Override
    public TypedTensor typed(String tensor) {
        return shard(tensor).typed(tensor);
    }

    private Safetensors shard(String tensor) {
        Safetensors shard = byTensor.get(tensor);
        if (shard == null) {
            throw missing(tensor);
        }
        return shard;
    }

    private ModelException damaged(String tensor, String reason) {
        return new ModelException(name, tensor, reason, DAMAGED);
    }

    @Override
    public void close() {
        shards.values().forEach(Safetensors::close);
    }
}
