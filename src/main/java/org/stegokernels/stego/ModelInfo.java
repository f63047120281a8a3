package org.stegokernels.stego;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.vit.Architecture;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.TensorIndex;

/**
 * The metadata of a STEGO model.
 *
 * @param classNames one for each class, or empty if the classes have no names
 * @param colours of the classes, {@code 0xRRGGBB}, or empty
 * @param clusterToClass the class of each cluster, or {@link #UNKNOWN_CLASS} for all of them, or empty if each cluster
 *     is the class of the same number
 * @param notes other metadata of the file, kept as they are
 */
public record ModelInfo(
        List<String> classNames,
        List<Integer> colours,
        List<Integer> clusterToClass,
        Settings settings,
        Map<String, String> notes) {

    /** The value in {@link #clusterToClass} if nobody has compared the clusters with the classes. */
    public static final int UNKNOWN_CLASS = -1;

    /** The metadata that a model without any is taken to have. */
    public static final ModelInfo DEFAULT = new ModelInfo(List.of(), List.of(), List.of(), Settings.DEFAULT, Map.of());

    /**
     * How the model was trained and wants to be used.
     *
     * @param feature which features of the backbone the head takes
     * @param inputSize shorter side of an image in pixels
     * @param alpha sharpness of the cluster probe's log-probabilities
     * @param source where the weights come from; may be empty
     * @param licence of the weights; may be empty
     */
    public record Settings(FeatureKind feature, int inputSize, float alpha, String source, String licence) {
        /** Beyond it, of nearly equal clusters one would have all of the probability. */
        private static final float MAX_ALPHA = 1e6f;

        /** Those of the published evaluation (Hamilton et al. 2022). */
        public static final Settings DEFAULT = new Settings(FeatureKind.FEAT, 320, 2, "", "");

        /** @throws IllegalArgumentException if the size or alpha is out of range */
        public Settings {
            if (inputSize < Segmenter.Options.MIN_SIZE || inputSize > Segmenter.Options.MAX_SIZE) {
                throw new IllegalArgumentException("input_size must be between " + Segmenter.Options.MIN_SIZE + " and "
                        + Segmenter.Options.MAX_SIZE + " pixels, not " + inputSize);
            }
            if (!(alpha > 0) || alpha > MAX_ALPHA) {
                throw new IllegalArgumentException(
                        "alpha must be greater than 0, up to " + MAX_ALPHA + ", not " + alpha);
            }
        }
    }

    public ModelInfo {
        classNames = List.copyOf(classNames);
        colours = List.copyOf(colours);
        clusterToClass = List.copyOf(clusterToClass);
        notes = Map.copyOf(notes);
    }

    /**
     * Returns whether there are classes with which nobody has compared the clusters: these are then told apart, but not
     * named.
     */
    public boolean clustersAreUnknown() {
        return !clusterToClass.isEmpty()
                && Collections.frequency(clusterToClass, UNKNOWN_CLASS) == clusterToClass.size();
    }

    /**
     * Reads the metadata of a model file; entries that it leaves out are as in {@link #DEFAULT}.
     *
     * @throws org.stegokernels.weights.ModelException if an entry can't be understood, or the format is a newer one
     */
    public static ModelInfo of(TensorIndex file) {
        return ModelMetadata.read(file);
    }

    /**
     * Returns the entries of a model file that hold these metadata.
     *
     * @param backbone whose own metadata are among them
     */
    public Map<String, String> metadata(Architecture backbone) {
        return ModelMetadata.write(this, backbone);
    }

    /** Returns this with other settings. */
    public ModelInfo withSettings(Settings changed) {
        return new ModelInfo(classNames, colours, clusterToClass, changed, notes);
    }

    /**
     * Returns this with a name and a colour for each cluster. Clusters of one name are one class, in the colour of the first
     * of them; classes are numbered in the order in which they come up.
     *
     * @throws IllegalArgumentException if there are not as many colours as names
     */
    public ModelInfo withClusterNames(List<String> names, List<Integer> colors) {
        if (names.size() != colors.size()) {
            throw new IllegalArgumentException(colors.size() + " colours for " + names.size() + " names");
        }
        Map<String, Integer> numbers = new LinkedHashMap<>();
        Map<String, Integer> palette = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            numbers.putIfAbsent(names.get(i), numbers.size());
            palette.putIfAbsent(names.get(i), colors.get(i));
        }
        return new ModelInfo(
                List.copyOf(numbers.keySet()),
                List.copyOf(palette.values()),
                names.stream().map(numbers::get).toList(),
                settings,
                notes);
    }
}
