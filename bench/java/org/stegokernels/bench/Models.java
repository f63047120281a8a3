package org.stegokernels.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.stegokernels.device.Device;
import org.stegokernels.stego.SegmentationHead;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.vit.Architecture;
import org.stegokernels.vit.Backbone;
import org.stegokernels.weights.DemoModel;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;

/** Models of known shapes with random weights, by name: no file is needed to measure them. */
public final class Models {
    /** Channels of the code, as published. */
    public static final int CODE = 70;

    private Models() {}

    /**
     * Returns the measures of a vision transformer.
     *
     * @param name {@code demo}, the model that comes with the program; {@code deit-tiny}, {@code vit-s8}, {@code vit-b8}
     */
    public static Architecture config(String name) {
        return switch (name) {
            case "demo" -> demo();
            case "deit-tiny" -> Architecture.dino(12, 192, 3, 16, 14, 768);
            case "vit-s8" -> Architecture.dino(12, 384, 6, 8, 28, 1536);
            case "vit-b8" -> Architecture.dino(12, 768, 12, 8, 28, 3072);
            default -> throw new IllegalArgumentException("no model " + name + ": demo, deit-tiny, vit-s8, vit-b8");
        };
    }

    private static Architecture demo() {
        try (Safetensors file = DemoModel.open()) {
            return Architecture.of(file, Architecture.findPrefix(file));
        }
    }

    /** Multiplications and additions of the matrix products for one image. */
    public static double flop(Architecture config, int height, int width) {
        double patches = (double) (height / config.patch()) * (width / config.patch());
        double tokens = patches + 1;
        double channels = config.width();
        double block =
                2 * tokens * channels * (4 * channels + 2 * config.encoder().hidden()) + 4 * tokens * tokens * channels;
        return config.depth() * block + 2 * patches * 3 * config.patch() * config.patch() * channels;
    }

    /** Floats of all weights. */
    public static double weights(Architecture config) {
        return config.bytes() / (double) Float.BYTES;
    }

    /** Writes a transformer alone. */
    public static void writeBackbone(Path file, Architecture config) throws IOException {
        SafetensorsWriter.write(file, backbone("", config), Map.of());
    }

    /** Writes a STEGO model with so many clusters. */
    public static void writeStego(Path file, Architecture config, int clusters) throws IOException {
        Map<String, HostTensor> tensors = backbone("backbone.", config);
        putHead(tensors, config.width());
        put(tensors, "cluster_probe.clusters", Shape.of(clusters, CODE));
        SafetensorsWriter.write(file, tensors, Map.of());
    }

    /** Returns a head for features of so many channels on a device. */
    static SegmentationHead head(Device device, int channels) {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        putHead(tensors, channels);
        return loaded(tensors, weights -> SegmentationHead.load(weights, "", device));
    }

    private static void putHead(Map<String, HostTensor> tensors, int width) {
        put(tensors, "cluster1.0.weight", Shape.of(CODE, width, 1, 1));
        put(tensors, "cluster1.0.bias", Shape.of(CODE));
        put(tensors, "cluster2.0.weight", Shape.of(width, width, 1, 1));
        put(tensors, "cluster2.0.bias", Shape.of(width));
        put(tensors, "cluster2.2.weight", Shape.of(CODE, width, 1, 1));
        put(tensors, "cluster2.2.bias", Shape.of(CODE));
    }

    /** Returns a transformer on a device. */
    public static Backbone vit(Device device, Architecture config) {
        return loaded(backbone("", config), weights -> Backbone.load(weights, "", device));
    }

    private static <T> T loaded(Map<String, HostTensor> tensors, Function<Safetensors, T> load) {
        try {
            Path file = Files.createTempFile("synthetic", ".safetensors");
            try {
                SafetensorsWriter.write(file, tensors, Map.of());
                try (Safetensors weights = Safetensors.open(file)) {
                    return load.apply(weights);
                }
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, HostTensor> backbone(String prefix, Architecture config) {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        config.tensors().forEach((name, shape) -> put(tensors, prefix + name, shape));
        return tensors;
    }

    private static void put(Map<String, HostTensor> tensors, String name, Shape shape) {
        tensors.put(name, new HostTensor(shape, Synthetic.values(shape.size(), 0.05f)));
    }
}
