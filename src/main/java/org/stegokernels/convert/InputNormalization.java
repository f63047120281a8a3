package org.stegokernels.convert;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.io.RegularFile.TextFile;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.text.JsonReader;
import org.stegokernels.text.Printable;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.TypedTensor;
import org.stegokernels.weights.TypedTensor.DType;

/**
 * The mean and deviation of colours, in 0 to 1, by which a transformer's images were normalised. This program normalises all
 * by ImageNet's; those of another one are folded into the patch embedding, which is linear in the colours.
 */
record InputNormalization(List<Double> mean, List<Double> deviation) {
    private static final InputNormalization IMAGE_NET =
            new InputNormalization(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));
    /** Mean and deviation of DINOv3's satellite images: the README of facebookresearch/dinov3, "Image transforms". */
    private static final InputNormalization SATELLITE =
            new InputNormalization(List.of(0.430, 0.411, 0.296), List.of(0.213, 0.156, 0.143));

    private static final String SATELLITE_FILE = "sat493m";
    private static final String SETTINGS = "preprocessor_config.json";
    private static final String WEIGHT = "patch_embed.proj.weight";
    private static final String BIAS = "patch_embed.proj.bias";

    /**
     * Returns what the {@code preprocessor_config.json} beside some weights says, or else what their published name tells.
     *
     * @throws ModelException if those settings can't be read
     */
    static InputNormalization of(Path weights) {
        Path settings = weights.resolveSibling(SETTINGS);
        if (!Files.exists(settings)) {
            return weights.getFileName().toString().contains(SATELLITE_FILE) ? SATELLITE : IMAGE_NET;
        }
        try {
            Object value = JsonReader.parse(TextFile.read(settings, TextFile.HAND_WRITTEN));
            if (value instanceof Map<?, ?> map
                    && !Boolean.FALSE.equals(map.get("do_normalize"))
                    && map.containsKey("image_mean")
                    && map.containsKey("image_std")) {
                return new InputNormalization(
                        colours(settings, "image_mean", map.get("image_mean"), 0),
                        colours(settings, "image_std", map.get("image_std"), Float.MIN_NORMAL));
            }
            return IMAGE_NET;
        } catch (IOException e) {
            throw wrong(settings, "it can't be read (" + e.getMessage() + ")");
        }
    }

    private static List<Double> colours(Path settings, String key, Object value, double least) {
        double[] colours = new double[3];
        boolean fits = value instanceof List<?> list && list.size() == colours.length;
        for (int i = 0; fits && i < colours.length; i++) {
            colours[i] = ((List<?>) value).get(i) instanceof Number number ? number.doubleValue() : -1;
            fits = colours[i] >= least && colours[i] <= 1;
        }
        if (!fits) {
            throw wrong(
                    settings,
                    "its \"" + key + "\" is " + Printable.quoted(String.valueOf(value)) + ", not three shares");
        }
        return Arrays.stream(colours).boxed().toList();
    }

    private static ModelException wrong(Path settings, String reason) {
        return new ModelException(
                settings.toString(), null, reason, "Correct it, or move the weights to a folder without it.");
    }

    /** Returns whether it is the one that this program normalises by. */
    boolean usual() {
        return equals(IMAGE_NET);
    }

    /**
     * Folds the difference to ImageNet's into the patch embedding among some tensors, as 32-bit floats: a colour normalised
     * by ImageNet's, times {@code s / deviation}, plus {@code (m - mean) / deviation}, is that colour normalised by this.
     *
     * @param file for messages
     */
    Map<String, TypedTensor> foldedInto(Map<String, TypedTensor> tensors, String file) {
        Map<String, TypedTensor> folded = new LinkedHashMap<>(tensors);
        for (String name : tensors.keySet()) {
            if (name.endsWith(WEIGHT)) {
                String biasName = name.substring(0, name.length() - WEIGHT.length()) + BIAS;
                TypedTensor weight = TypeConversion.convert(file, name, tensors.get(name), DType.F32);
                TypedTensor bias = TypeConversion.convert(file, biasName, tensors.get(biasName), DType.F32);
                folded.put(
                        name,
                        new TypedTensor(
                                DType.F32,
                                weight.shape(),
                                out -> weight(weight).content().write(out)));
                folded.put(
                        biasName,
                        new TypedTensor(
                                DType.F32,
                                bias.shape(),
                                out -> bias(weight, bias).content().write(out)));
            }
        }
        return folded;
    }

    private TypedTensor weight(TypedTensor weight) throws IOException {
        float[] values = floats(weight);
        int plane = weight.shape().dim(2) * weight.shape().dim(3);
        for (int i = 0; i < values.length; i++) {
            int colour = i / plane % 3;
            values[i] = (float) (values[i] * IMAGE_NET.deviation.get(colour) / deviation.get(colour));
        }
        return TypedTensor.of(new HostTensor(weight.shape(), values));
    }

    private TypedTensor bias(TypedTensor weight, TypedTensor bias) throws IOException {
        float[] factors = floats(weight);
        float[] values = floats(bias);
        int plane = weight.shape().dim(2) * weight.shape().dim(3);
        for (int output = 0; output < values.length; output++) {
            double sum = values[output];
            for (int i = 0; i < 3 * plane; i++) {
                int colour = i / plane;
                double shift = (IMAGE_NET.mean.get(colour) - mean.get(colour)) / deviation.get(colour);
                sum += factors[output * 3 * plane + i] * shift;
            }
            values[output] = (float) sum;
        }
        return TypedTensor.of(new HostTensor(bias.shape(), values));
    }

    private static float[] floats(TypedTensor tensor) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        tensor.content().write(bytes);
        FloatBuffer buffer = ByteBuffer.wrap(bytes.toByteArray())
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }
}
