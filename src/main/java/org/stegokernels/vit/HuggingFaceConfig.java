package org.stegokernels.vit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.stegokernels.io.RegularFile.TextFile;
import org.stegokernels.text.JsonReader;
import org.stegokernels.text.Printable;
import org.stegokernels.weights.ModelException;

/**
 * The {@code config.json} that Hugging Face puts beside weights: settings that can't be seen in them. Of a model in which
 * the vision transformer is a part, only that part's settings count. What this program does not compute is refused, and
 * so are settings that belong to other weights.
 *
 * @param file for messages
 * @param settings of the vision transformer
 */
public record HuggingFaceConfig(String file, Map<String, Object> settings) {
    /** The base of the periods of DINOv3's rotations, where no settings say it. */
    public static final float ROTATION_BASE = 100;

    /** The keys under which composite models keep the settings of their vision transformer. */
    private static final List<String> PARTS = List.of("vision_config", "backbone_config", "encoder");

    /**
     * Reads the settings in the folder of some weights; empty if there are none.
     *
     * @throws ModelException if the file can't be read or is no JSON object
     */
    public static Optional<HuggingFaceConfig> beside(Path weights) {
        Path path = weights.resolveSibling("config.json");
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        String file = path.toString();
        try {
            Object value = JsonReader.parse(TextFile.read(path, TextFile.HAND_WRITTEN));
            if (!(value instanceof Map<?, ?> whole)) {
                throw wrong(file, "it is not a JSON object");
            }
            return Optional.of(new HuggingFaceConfig(file, ofTransformer(whole)));
        } catch (JsonReader.SyntaxException e) {
            throw wrong(file, "it is not valid JSON (" + e.getMessage() + ")");
        } catch (IOException e) {
            // The message begins with the file, as that of a ModelException does.
            String reason = String.valueOf(e.getMessage());
            throw wrong(file, reason.startsWith(file + ": ") ? reason.substring(file.length() + 2) : reason);
        }
    }

    private static Map<String, Object> ofTransformer(Map<?, ?> whole) {
        Map<?, ?> settings = whole;
        for (String part : PARTS) {
            if (whole.get(part) instanceof Map<?, ?> nested) {
                settings = nested;
                break;
            }
        }
        Map<String, Object> named = new HashMap<>();
        settings.forEach((key, value) -> named.put((String) key, value));
        return named;
    }

    /**
     * Returns the metadata of a model file that say the same, for {@link Architecture#of}.
     *
     * @throws ModelException if the number of heads or the epsilon is not such a number
     */
    public Map<String, String> metadata() {
        Map<String, String> metadata = new HashMap<>();
        Object heads = settings.get("num_attention_heads");
        if (heads != null) {
            if (!(heads instanceof Integer count) || count < 1) {
                throw wrong("its \"num_attention_heads\" is " + shown(heads) + ", not a number of heads");
            }
            metadata.put(Architecture.HEADS_KEY, heads.toString());
        }
        Object epsilon = settings.get("layer_norm_eps");
        if (epsilon != null) {
            double number = epsilon instanceof Number given ? given.doubleValue() : 0;
            if (!((float) number > 0) || number > 1) {
                throw wrong("its \"layer_norm_eps\" is " + shown(epsilon) + ", not a number above 0, up to 1");
            }
            metadata.put(Architecture.EPSILON_KEY, Float.toString((float) number));
        }
        return metadata;
    }

    /**
     * Returns the base of the periods of DINOv3's rotations.
     *
     * @throws ModelException if it is not a number of at least 1
     */
    public float rotationBase() {
        Object nested =
                settings.get("rope_parameters") instanceof Map<?, ?> parameters ? parameters.get("rope_theta") : null;
        Object base = settings.getOrDefault("rope_theta", nested);
        if (base == null) {
            return ROTATION_BASE;
        }
        float number = base instanceof Number given ? given.floatValue() : 0;
        if (!(number >= 1) || Float.isInfinite(number)) {
            throw wrong("its \"rope_theta\" is " + shown(base) + ", not a number of at least 1");
        }
        return number;
    }

    /**
     * Compares the settings with the weights.
     *
     * @param qkvBias whether queries, keys and values have a bias in the weights
     * @throws ModelException if the settings ask for something that is not computed here, or are not those of the weights
     */
    public void check(Architecture model, boolean qkvBias) {
        boolean gated = model.encoder().mlp().gated();
        activation(model.rotates() && gated);
        for (String key : List.of("use_swiglu_ffn", "use_gated_mlp")) {
            if (settings.get(key) instanceof Boolean wanted && wanted != gated) {
                throw foreign(key, wanted, gated ? "a gate" : "none");
            }
        }
        same("hidden_size", model.width());
        same("num_hidden_layers", model.depth());
        same("intermediate_size", model.encoder().hidden());
        same("num_register_tokens", model.registers());
        same("num_channels", 3);
        Object ratio = settings.get("mlp_ratio");
        boolean hiddenFits = !(ratio instanceof Number number)
                || hidden(number.doubleValue() * model.width(), gated)
                        == model.encoder().hidden();
        if (!hiddenFits) {
            throw foreign(
                    "mlp_ratio", ratio, model.encoder().hidden() + " hidden channels, " + model.width() + " others");
        }
        sides("patch_size", model.patch(), 1, model.patch() + " pixels");
        if (!model.rotates()) {
            sides(
                    "image_size",
                    model.patches().grid(),
                    model.patch(),
                    model.patches().grid() + "x" + model.patches().grid() + " positions");
        }
        for (String key : List.of("qkv_bias", "query_bias", "value_bias")) {
            if (settings.get(key) instanceof Boolean bias && bias != qkvBias) {
                throw foreign(key, bias, qkvBias ? "such biases" : "none");
            }
        }
        if (settings.get("layerscale_value") != null && !model.encoder().layerScale()) {
            throw foreign("layerscale_value", settings.get("layerscale_value"), "no layer scale");
        }
    }

    /** @param gate whether the activation is that of a DINOv3's gate; DINOv2's has its own, whatever the settings say */
    private void activation(boolean gate) {
        Object activation = settings.get("hidden_act");
        boolean computed = activation == null
                || (gate ? activation.equals("silu") : activation.equals("gelu") || activation.equals("gelu_python"));
        if (!computed) {
            throw new ModelException(
                    file,
                    null,
                    "its \"hidden_act\" is " + shown(activation) + "; of activations only "
                            + (gate ? "\"silu\" in its gates" : "\"gelu\", by the error function,") + " is computed",
                    "Use a model that has it.");
        }
    }

    /** Returns the channels of an MLP. A gate takes two layers' place: it has two thirds of the channels, rounded up to a multiple of eight. */
    private static int hidden(double channels, boolean gated) {
        return gated ? ((int) ((int) channels * 2 / 3.0) + 7) / 8 * 8 : (int) channels;
    }

    private void same(String key, int ofWeights) {
        Object value = settings.get(key);
        if (value != null && !value.equals(ofWeights)) {
            throw foreign(key, value, Integer.toString(ofWeights));
        }
    }

    /** @param unit pixels of each of the {@code count} along a side */
    private void sides(String key, int count, int unit, String ofWeights) {
        Object value = settings.get(key);
        List<?> sides = value instanceof List<?> list && list.size() == 2 ? list : Collections.nCopies(2, value);
        for (Object side : sides) {
            if (value != null && !(side instanceof Integer pixels && pixels / unit == count)) {
                throw foreign(key, value, ofWeights);
            }
        }
    }

    private ModelException foreign(String key, Object value, String ofWeights) {
        return wrong("its \"" + key + "\" is " + shown(value) + ", but the weights beside it have " + ofWeights);
    }

    private static String shown(Object value) {
        return Printable.quoted(value.toString());
    }

    private ModelException wrong(String reason) {
        return wrong(file, reason);
    }

    private static ModelException wrong(String file, String reason) {
        return new ModelException(
                file, null, reason, "Correct it, or move the weights to a folder without a config.json.");
    }
}
