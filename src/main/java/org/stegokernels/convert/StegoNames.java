package org.stegokernels.convert;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.stegokernels.data.DatasetClasses;
import org.stegokernels.stego.ModelFile;
import org.stegokernels.stego.ModelInfo;
import org.stegokernels.tensor.Shape;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.TensorIndex;

/**
 * The head and probes beside a transformer: those of this program's own files, and those of the published Lightning
 * checkpoints (LitUnsupervisedSegmenter in src/train_segmentation.py, DinoFeaturizer and ClusterLookup in
 * src/modules.py).
 *
 * @param parts the source's name of each of this program's
 * @param lightning whether it is a Lightning checkpoint
 */
record StegoNames(Map<String, String> parts, boolean lightning) {
    private static final String LIGHTNING_BACKBONE = "net.model.";
    /** The beginning of the names of the head's two branches; those of the cluster probe don't. */
    private static final String BRANCH = "cluster[12]\\..+";

    private static final String PROBE_WEIGHT = "linear_probe.weight";
    private static final String CLUSTERS = "cluster_probe.clusters";

    /** Finds the parts; returns nothing if a transformer has no head and no probes beside it. */
    static Optional<StegoNames> find(TensorIndex file, String backbonePrefix) {
        boolean lightning = backbonePrefix.endsWith(LIGHTNING_BACKBONE);
        if (!lightning && !backbonePrefix.endsWith(ModelFile.BACKBONE)) {
            return Optional.empty();
        }
        int backbone = (lightning ? LIGHTNING_BACKBONE : ModelFile.BACKBONE).length();
        String root = backbonePrefix.substring(0, backbonePrefix.length() - backbone);
        Map<String, String> parts = new LinkedHashMap<>();
        for (String name : ModelFile.PARTS) {
            String original = root + (lightning && name.matches(BRANCH) ? "net." : "") + name;
            if (file.has(original)) {
                parts.put(name, original);
            }
        }
        return parts.isEmpty() ? Optional.empty() : Optional.of(new StegoNames(parts, lightning));
    }

    /**
     * Returns what a Lightning checkpoint says about its model. Which cluster is which class it doesn't: the published
     * evaluation finds that out anew, from labels.
     *
     * @param settings {@code hyper_parameters}: the number of classes, and under {@code cfg} the settings of the training
     * @param notes get what a person should know
     */
    ModelInfo info(TensorIndex file, Map<String, Object> settings, List<String> notes) {
        ModelInfo.Settings defaults = ModelInfo.Settings.DEFAULT;
        FeatureKind feature = feature(text(settings, "dino_feat_type"));
        String dataset = text(settings, "dataset_name");
        Map<String, String> kept = new LinkedHashMap<>();
        if (!dataset.isEmpty()) {
            kept.put("dataset", dataset);
        }
        List<String> names = new ArrayList<>();
        List<Integer> colours = new ArrayList<>();
        int classes = outputs(file, PROBE_WEIGHT);
        DatasetClasses.published(dataset)
                .filter(published -> published.count() == classes)
                .ifPresent(published -> {
                    names.addAll(published.names());
                    IntStream.range(0, classes)
                            .forEach(id -> colours.add(published.palette().color(id)));
                });
        List<Integer> clusterToClass =
                classes == 0 ? List.of() : Collections.nCopies(outputs(file, CLUSTERS), ModelInfo.UNKNOWN_CLASS);
        if (!clusterToClass.isEmpty()) {
            notes.add("which cluster is which class is not in the file: clusters have numbers, the linear probe "
                    + (names.isEmpty() ? "too" : "has the names of " + dataset));
        }
        ModelInfo.Settings how = new ModelInfo.Settings(
                feature, defaults.inputSize(), defaults.alpha(), defaults.source(), "", defaults.views());
        return new ModelInfo(names, colours, clusterToClass, how, kept);
    }

    private int outputs(TensorIndex file, String part) {
        if (!parts.containsKey(part)) {
            return 0;
        }
        Shape shape = file.entry(parts.get(part)).shape();
        return shape.rank() == 0 ? 0 : shape.dim(0);
    }

    private static String text(Map<String, Object> settings, String key) {
        Object value = settings.getOrDefault("cfg." + key, settings.get(key));
        return value instanceof String text ? text : "";
    }

    private static FeatureKind feature(String name) {
        for (FeatureKind kind : FeatureKind.values()) {
            if (kind.name().equals(name.toUpperCase(Locale.ROOT))) {
                return kind;
            }
        }
        return ModelInfo.Settings.DEFAULT.feature();
    }
}
