package org.stegokernels.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.vit.VisionTransformer;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;

/** Random tensors and models of given shapes: time does not depend on the values, as long as they are of common size. */
final class Synthetic {
    private Synthetic() {}

    /** Seeded values, uniform in -scale..scale. */
    static float[] values(int count, float scale) {
        SplittableRandom random = new SplittableRandom(count);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (2 * random.nextDouble() - 1) * scale;
        }
        return values;
    }

    /** A transformer with random weights. */
    static VisionTransformer vit(Device device, int depth, int width, int patch, int grid) {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        put(tensors, "cls_token", 1, 1, width);
        put(tensors, "pos_embed", 1, 1 + grid * grid, width);
        linear(tensors, "patch_embed.proj", width, 3, patch, patch);
        for (int i = 0; i < depth; i++) {
            String block = "blocks." + i + ".";
            norm(tensors, block + "norm1", width);
            linear(tensors, block + "attn.qkv", 3 * width, width);
            linear(tensors, block + "attn.proj", width, width);
            norm(tensors, block + "norm2", width);
            linear(tensors, block + "mlp.fc1", 4 * width, width);
            linear(tensors, block + "mlp.fc2", width, 4 * width);
        }
        norm(tensors, "norm", width);
        try {
            Path file = Files.createTempFile("synthetic", ".safetensors");
            try {
                SafetensorsWriter.write(file, tensors, Map.of());
                try (Safetensors weights = Safetensors.open(file)) {
                    return VisionTransformer.load(weights, "", device);
                }
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void linear(Map<String, HostTensor> tensors, String name, int... dims) {
        put(tensors, name + ".weight", dims);
        put(tensors, name + ".bias", dims[0]);
    }

    private static void norm(Map<String, HostTensor> tensors, String name, int width) {
        put(tensors, name + ".weight", width);
        put(tensors, name + ".bias", width);
    }

    private static void put(Map<String, HostTensor> tensors, String name, int... dims) {
        Shape shape = Shape.of(dims);
        tensors.put(name, new HostTensor(shape, values(shape.size(), 0.05f)));
    }
}
