package org.stegokernels.stego;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.stegokernels.stego.ModelInfo.Views;
import org.stegokernels.text.JsonReader;
import org.stegokernels.text.JsonWriter;
import org.stegokernels.text.Printable;
import org.stegokernels.vit.Architecture;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.TensorIndex;

/** {@link ModelInfo} to and from the metadata of a safetensors file, where each entry is a string with JSON in it. */
final class ModelMetadata {
    static final String FORMAT = "format";
    static final String VERSION = "format_version";
    private static final String FORMAT_NAME = "stego-kernels";
    private static final String CURRENT_VERSION = "1";
    private static final String CLASS_NAMES = "class_names";
    private static final String COLOURS = "colours";
    private static final String CLUSTER_TO_CLASS = "cluster_to_class";
    private static final String SETTINGS = "settings";
    private static final Set<String> KEYS = Set.of(
            FORMAT,
            VERSION,
            Architecture.HEADS_KEY,
            Architecture.EPSILON_KEY,
            CLASS_NAMES,
            COLOURS,
            CLUSTER_TO_CLASS,
            SETTINGS);

    private static final Pattern COLOUR = Pattern.compile("#[0-9a-fA-F]{6}");

    private final TensorIndex file;

    private ModelMetadata(TensorIndex file) {
        this.file = file;
    }

    /** Returns whether the file says that it is a STEGO model written by this program. */
    static boolean isVersioned(TensorIndex file) {
        return FORMAT_NAME.equals(file.metadata().get(FORMAT));
    }

    /**
     * Reads the metadata of a file; entries that it leaves out are as in {@link ModelInfo#DEFAULT}.
     *
     * @throws ModelException if an entry can't be understood, or the format is a newer one
     */
    static ModelInfo read(TensorIndex file) {
        return new ModelMetadata(file).read();
    }

    /** Returns the entries for {@link #read}, those of the backbone among them. */
    static Map<String, String> write(ModelInfo info, Architecture backbone) {
        Map<String, String> entries = new TreeMap<>(info.notes());
        entries.put(FORMAT, FORMAT_NAME);
        entries.put(VERSION, CURRENT_VERSION);
        entries.putAll(backbone.metadata());
        putList(entries, CLASS_NAMES, info.classNames());
        putList(
                entries,
                COLOURS,
                info.colours().stream()
                        .map(rgb -> String.format("#%06x", rgb & 0xffffff))
                        .toList());
        putList(entries, CLUSTER_TO_CLASS, info.clusterToClass());
        ModelInfo.Settings settings = info.settings();
        Map<String, Object> node = new LinkedHashMap<>();
        node.put("feature", settings.feature().name());
        node.put("input_size", settings.inputSize());
        node.put("alpha", settings.alpha());
        node.put("source", settings.source());
        node.put("licence", settings.licence());
        node.putAll(settings.views().entries());
        entries.put(SETTINGS, JsonWriter.text(node));
        return entries;
    }

    private static void putList(Map<String, String> entries, String key, List<?> values) {
        if (!values.isEmpty()) {
            entries.put(key, JsonWriter.text(values));
        }
    }

    private ModelInfo read() {
        Map<String, String> entries = file.metadata();
        String version = entries.get(VERSION);
        if (isVersioned(file) && !CURRENT_VERSION.equals(version)) {
            throw new ModelException(
                    file.name(),
                    null,
                    "its format version is " + Printable.quoted(String.valueOf(version))
                            + ", this program knows version " + CURRENT_VERSION,
                    "Use a newer stego-kernels.");
        }
        Map<String, String> notes = new TreeMap<>(entries);
        notes.keySet().removeAll(KEYS);
        return new ModelInfo(
                readList(CLASS_NAMES, "names", value -> value instanceof String name && !name.isBlank() ? name : null),
                readList(COLOURS, "colours like #1f77b4", ModelMetadata::colour),
                readList(CLUSTER_TO_CLASS, "class numbers", value -> value instanceof Integer number ? number : null),
                readSettings(),
                notes);
    }

    private static Integer colour(Object value) {
        boolean fits = value instanceof String text && COLOUR.matcher(text).matches();
        return fits ? Integer.valueOf(((String) value).substring(1), 16) : null;
    }

    /** @param convert gives null for what does not fit */
    private <T> List<T> readList(String key, String what, Function<Object, T> convert) {
        List<T> values = new ArrayList<>();
        if (file.metadata().containsKey(key)) {
            if (!(parse(key) instanceof List<?> list)) {
                throw wrong(key, "is not a JSON list");
            }
            for (Object element : list) {
                T value = convert.apply(element);
                if (value == null) {
                    throw wrong(key, "has " + JsonWriter.text(element) + " among its " + what);
                }
                values.add(value);
            }
        }
        return values;
    }

    private ModelInfo.Settings readSettings() {
        ModelInfo.Settings defaults = ModelInfo.Settings.DEFAULT;
        if (!file.metadata().containsKey(SETTINGS)) {
            return defaults;
        }
        if (!(parse(SETTINGS) instanceof Map<?, ?> node)) {
            throw wrong(SETTINGS, "is not a JSON object");
        }
        FeatureKind feature = defaults.feature();
        int inputSize = defaults.inputSize();
        double alpha = defaults.alpha();
        String source = defaults.source();
        String licence = defaults.licence();
        List<Double> scales = defaults.views().scales();
        int window = defaults.views().window();
        for (Map.Entry<?, ?> field : node.entrySet()) {
            String key = (String) field.getKey();
            Object value = field.getValue();
            switch (key) {
                case "feature" -> feature = feature(value);
                case "input_size" -> inputSize = value instanceof Integer pixels ? pixels : 0;
                case "alpha" -> alpha = value instanceof Number number ? number.doubleValue() : 0;
                case "source" -> source = text(key, value);
                case "licence" -> licence = text(key, value);
                case "scales" -> scales = scales(value);
                case "window" -> window = value instanceof Integer pixels ? pixels : -1;
                default -> throw wrong(SETTINGS, "has the unknown key \"" + key + "\"");
            }
        }
        try {
            Views views = new Views(scales, window);
            return new ModelInfo.Settings(feature, inputSize, (float) alpha, source, licence, views);
        } catch (IllegalArgumentException e) {
            throw wrong(SETTINGS, "does not fit: " + e.getMessage());
        }
    }

    private static List<Double> scales(Object value) {
        List<Double> scales = new ArrayList<>();
        for (Object each : value instanceof List<?> list ? list : List.of()) {
            scales.add(each instanceof Number number ? number.doubleValue() : 0.0);
        }
        return scales;
    }

    private String text(String key, Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw wrong(SETTINGS, "has a \"" + key + "\" that is not a string");
    }

    private FeatureKind feature(Object value) {
        try {
            return FeatureKind.valueOf(String.valueOf(value));
        } catch (IllegalArgumentException e) {
            throw wrong(
                    SETTINGS,
                    "has the feature " + JsonWriter.text(value) + ", which is not one of "
                            + List.of(FeatureKind.values()));
        }
    }

    private Object parse(String key) {
        try {
            return JsonReader.parse(file.metadata().get(key));
        } catch (JsonReader.SyntaxException e) {
            throw wrong(key, "is not valid JSON (" + e.getMessage() + ")");
        }
    }

    private ModelException wrong(String key, String reason) {
        return wrong(file, "\"" + key + "\" " + reason);
    }

    /** Returns the exception for metadata that don't fit. */
    static ModelException wrong(TensorIndex file, String reason) {
        return new ModelException(file.name(), null, "in its metadata " + reason, "Correct the metadata.");
    }
}
