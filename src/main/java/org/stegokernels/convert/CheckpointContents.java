package org.stegokernels.convert;

import java.util.List;
import java.util.Map;
import org.stegokernels.tensor.Shape;
import org.stegokernels.weights.DType;

/**
 * The contents of a file, without a judgement on what it is good for.
 *
 * @param format for people
 * @param metadata of a safetensors file
 * @param settings of a training: {@code hyper_parameters} of a Lightning checkpoint
 */
public record CheckpointContents(
        String format, Map<String, String> metadata, Map<String, Object> settings, List<Item> items) {

    /**
     * One tensor.
     *
     * @param type null if it can't be read
     * @param shape null if it can't be read
     * @param sha256 of its values, row-major and little endian, in hexadecimal; null if it can't be read
     * @param problem why it can't be read; null if it can
     */
    public record Item(String name, DType type, Shape shape, String sha256, String problem) {}

    public CheckpointContents {
        items = List.copyOf(items);
    }
}
