package org.stegokernels.convert;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.stegokernels.text.JsonReader;
import org.stegokernels.text.Printable;
import org.stegokernels.weights.ByteSource;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.TensorIndex.TensorSource;
import org.stegokernels.weights.TypedTensor;

/**
 * Safetensors files that belong together, by their index: {@code {"metadata": ..., "weight_map": {TENSOR: FILE}}}, as
 * Hugging Face writes it. The files lie beside the index, and no path leads elsewhere.
 */
final class ShardedSafetensors implements TensorSource {
    private static final int MAX_INDEX_BYTES = 16 << 20;
    private static final int MAX_SHARDS = 1000;
    private static final String DAMAGED = "The index is damaged: fetch it again.";

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
    static ShardedSafetensors open(Path index) {
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
                                : "it is said to be in " + Printable.quoted(file)
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
        Object index;
        try {
            index = JsonReader.parse(source.window(0, (int) source.size()));
        } catch (JsonReader.SyntaxException e) {
            throw damaged(null, "it is not valid JSON (" + e.getMessage() + ")");
        } catch (CharacterCodingException e) {
            throw damaged(null, "it is not valid UTF-8");
        }
        if (!(index instanceof Map<?, ?> fields)) {
            throw damaged(null, "it is not a JSON object");
        }
        Map<String, String> files = new LinkedHashMap<>();
        if (fields.containsKey("weight_map")) {
            if (!(fields.get("weight_map") instanceof Map<?, ?> weightMap)) {
                throw damaged(null, "its weight_map is not an object");
            }
            for (Map.Entry<?, ?> entry : weightMap.entrySet()) {
                String tensor = (String) entry.getKey();
                if (!(entry.getValue() instanceof String file) || files.size() == Safetensors.MAX_TENSORS) {
                    throw damaged(tensor, "its file is not given as a string, or there are too many");
                }
                files.put(tensor, file);
            }
        }
        return files;
    }

    /** Returns the number of files. */
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
