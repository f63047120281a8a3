package org.stegokernels.stego;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.stegokernels.stego.Segmentation.ClassInfo;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.vit.Architecture;
import org.stegokernels.vit.Backbone;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.TensorIndex;

/**
 * The metadata of a STEGO model.
 *
 * @param classNames one for each class, or empty if the classes have no names
 * @param colours of the classes, {@code 0xRRGGBB}, or empty
 * @param clusterToClass the class of each cluster, or {@link #UNKNOWN_CLASS} for all of them, or empty if each cluster
 *     is the class of the same number; of a model without clusters, the class of each output of the linear probe
 * @param notes other metadata of the file, kept as they are
 */
public record ModelInfo(
        List<String> classNames,
        List<Integer> colours,
        List<Integer> clusterToClass,
        Settings settings,
        Map<String, String> notes) {

    /** The value in {@link #clusterToClass} if the clusters were never compared with the classes. */
    public static final int UNKNOWN_CLASS = -1;

    /** The metadata that a model without any is taken to have. */
    public static final ModelInfo DEFAULT = new ModelInfo(List.of(), List.of(), List.of(), Settings.DEFAULT, Map.of());

    /**
     * Settings of the training, for use with the model.
     *
     * @param feature which features of the backbone the head takes
     * @param inputSize shorter side of an image in pixels
     * @param alpha sharpness of the cluster probe's log-probabilities
     * @param source where the weights come from; may be empty
     * @param licence of the weights; may be empty
     * @param views the ways in which the backbone sees an image
     */
    public record Settings(
            FeatureKind feature, int inputSize, float alpha, String source, String licence, Views views) {
        /** Beyond it, of nearly equal clusters one would have all of the probability. */
        private static final float MAX_ALPHA = 1e6f;

        /** Those of the published evaluation (Hamilton et al. 2022). */
        public static final Settings DEFAULT = new Settings(FeatureKind.FEAT, 320, 2, "", "", Views.WHOLE);

        /**
         * Checks the settings.
         *
         * @throws IllegalArgumentException if the size or alpha is out of range
         */
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

        /** Returns these settings with other views. */
        public Settings withViews(Views changed) {
            return new Settings(feature, inputSize, alpha, source, licence, changed);
        }
    }

    /**
     * The ways in which a backbone sees an image. At several sizes its features are computed once for each, resized to one
     * grid, and averaged after each was divided by its length: what is too large for the network at one size is not at another.
     * This is multi-scale evaluation as DINO's for image retrieval (Caron et al. 2021, {@code multi_scale} of its code), for
     * each patch in place of the image. In windows a network sees no more than it was trained for at once, and details larger;
     * windows lie every half of one, and their features are blended (sliding-window inference, as of Strudel et al. 2021).
     *
     * @param scales factors of the image's size, each once; {@code [1]} is the image as it is
     * @param window side in pixels of the windows at each of these sizes, in whole patches; 0 for none
     */
    public record Views(List<Double> scales, int window) implements Serializable {
        /** The image as it is, as a whole. */
        public static final Views WHOLE = new Views(List.of(1.0), 0);

        private static final int MOST_SCALES = 8;
        private static final double SMALLEST = 0.1;
        private static final double LARGEST = 4;

        /**
         * Checks scales and window.
         *
         * @throws IllegalArgumentException if there is no scale, or a scale or the window is out of range
         */
        public Views {
            scales = List.copyOf(scales);
            if (scales.isEmpty()
                    || scales.size() > MOST_SCALES
                    || Set.copyOf(scales).size() < scales.size()) {
                throw new IllegalArgumentException(
                        "scales must be 1 to " + MOST_SCALES + " different numbers, not " + scales);
            }
            for (double scale : scales) {
                if (!(scale >= SMALLEST && scale <= LARGEST)) {
                    throw new IllegalArgumentException(
                            "scales must be between " + SMALLEST + " and " + LARGEST + ", not " + scale);
                }
            }
            if (window < 0 || window > Segmenter.Options.MAX_SIZE) {
                throw new IllegalArgumentException(
                        "window must be between 0 and " + Segmenter.Options.MAX_SIZE + " pixels, not " + window);
            }
        }

        /** Returns whether the backbone sees nothing but the image as it is. */
        public boolean isWhole() {
            return equals(WHOLE);
        }

        /** Returns the views by the names of the options, nothing for {@link #WHOLE}. */
        public Map<String, Object> entries() {
            Map<String, Object> entries = new LinkedHashMap<>();
            if (!isWhole()) {
                entries.put("scales", scales);
                entries.put("window", window);
            }
            return entries;
        }

        /** @throws IllegalArgumentException if a window is not in whole patches */
        void requireFit(int patch) {
            misfit(patch).ifPresent(reason -> {
                throw new IllegalArgumentException(reason);
            });
        }

        /** Returns why a backbone can't see images so, if that is the case. */
        Optional<String> misfit(int patch) {
            return window % patch == 0
                    ? Optional.empty()
                    : Optional.of("window " + window + " is not in whole patches of " + patch + " pixels");
        }

        /**
         * Returns a backbone that sees images so.
         *
         * @param backbone of fitting patches; closed with the one that is returned
         */
        Backbone of(Backbone backbone) {
            return isWhole() ? backbone : new ViewedBackbone(backbone, this);
        }
    }

    /** Copies lists and notes. */
    public ModelInfo {
        classNames = List.copyOf(classNames);
        colours = List.copyOf(colours);
        clusterToClass = List.copyOf(clusterToClass);
        notes = Map.copyOf(notes);
    }

    /**
     * Returns whether there are classes with which the clusters were never compared: these then differ, but are not
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

    /**
     * Renames, merges and recolours the classes of a model; its weights stay. Ids and names by which a class is asked
     * for are those from before the changes, in whatever order they are made.
     */
    public static final class ClassEdits {
        private final List<ClassInfo> before;
        private final List<ClassInfo> classes;
        /** The class of each cluster, or of each output of the linear probe. */
        private final int[] candidateToClass;

        private final boolean clusters;
        /** The class that each is merged into, itself if it is not. */
        private final int[] into;

        private final Set<Integer> merged = new HashSet<>();

        private ClassEdits(List<ClassInfo> classes, int[] candidateToClass, boolean clusters) {
            this.before = classes;
            this.classes = new ArrayList<>(classes);
            this.candidateToClass = candidateToClass;
            this.clusters = clusters;
            this.into = IntStream.range(0, classes.size()).toArray();
        }

        /**
         * Starts from the classes that a segmentation with the model shows: those of its clusters, or without clusters those
         * of its linear probe.
         *
         * @throws IllegalArgumentException if the model has no probe
         */
        public static ClassEdits of(Stego model) {
            boolean clusters = model.clusterProbe().isPresent();
            if (!clusters && model.linearProbe().isEmpty()) {
                throw new IllegalArgumentException("the model is a backbone that knows no classes");
            }
            Probe probe = clusters ? Probe.CLUSTER : Probe.LINEAR;
            return new ClassEdits(ProbeClassifier.classes(model, probe), model.classOf(probe), clusters);
        }

        /**
         * Returns the id of a class.
         *
         * @param text its number or its name before the changes
         * @throws IllegalArgumentException if no class, or more than one, is called so
         */
        public int id(String text) {
            List<Integer> named = before.stream()
                    .filter(known -> known.name().equals(text.strip())
                            || Integer.toString(known.id()).equals(text.strip()))
                    .map(ClassInfo::id)
                    .toList();
            if (named.size() != 1) {
                throw new IllegalArgumentException((named.isEmpty() ? "no class" : "more than one class")
                        + " is called '" + text.strip() + "'; the model has the classes 0 to " + (into.length - 1));
            }
            return named.get(0);
        }

        /**
         * Makes several classes one, which takes the place of the first of them in the numbering.
         *
         * @throws IllegalArgumentException if one of them is merged already
         */
        public ClassEdits merge(Collection<Integer> ids, String name) {
            int first = ids.stream().mapToInt(Integer::intValue).min().orElseThrow();
            for (int id : ids) {
                if (!merged.add(id)) {
                    throw new IllegalArgumentException("class " + id + " is merged with others twice");
                }
                into[id] = first;
            }
            return rename(first, name);
        }

        /** Calls a class, or what it is merged into, by another name. */
        public ClassEdits rename(int id, String name) {
            ClassInfo old = classes.get(into[id]);
            classes.set(into[id], new ClassInfo(old.id(), name.strip(), old.rgb()));
            return this;
        }

        /**
         * Gives a class another colour.
         *
         * @param rgb the colour, {@code 0xRRGGBB}
         */
        public ClassEdits recolour(int id, int rgb) {
            ClassInfo old = classes.get(into[id]);
            classes.set(into[id], new ClassInfo(old.id(), old.name(), rgb));
            return this;
        }

        /**
         * Returns the description of the model with the classes as they are now, numbered in their old order.
         *
         * @throws IllegalArgumentException if a class has no name, or two classes have one
         */
        public ModelInfo apply(ModelInfo info) {
            int[] number = new int[into.length];
            List<String> names = new ArrayList<>();
            List<Integer> colours = new ArrayList<>();
            for (int id = 0; id < into.length; id++) {
                if (into[id] != id) {
                    number[id] = number[into[id]];
                    continue;
                }
                ClassInfo known = classes.get(id);
                int twin = names.indexOf(known.name());
                if (known.name().isEmpty() || twin >= 0) {
                    throw new IllegalArgumentException(
                            known.name().isEmpty()
                                    ? "class " + id + " needs a name"
                                    : "two classes would be called '" + known.name() + "': merge them into one");
                }
                number[id] = names.size();
                names.add(known.name());
                colours.add(known.rgb());
            }
            List<Integer> map =
                    IntStream.of(candidateToClass).mapToObj(id -> number[id]).toList();
            boolean needed = clusters || map.size() != names.size();
            return new ModelInfo(names, colours, needed ? map : List.of(), info.settings(), info.notes());
        }
    }
}
