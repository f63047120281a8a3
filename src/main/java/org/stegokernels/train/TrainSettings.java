package org.stegokernels.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.stegokernels.data.Dataset.CropKind;
import org.stegokernels.device.TrainingKernels.GuidanceSettings;
import org.stegokernels.io.RegularFile.TextFile;
import org.stegokernels.text.Printable;
import org.stegokernels.text.Spelling;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.train.loss.CorrespondenceLoss.Term;
import org.stegokernels.train.loss.Objective;
import org.stegokernels.vit.Backbone.FeatureKind;

/**
 * Settings of a training (Hamilton et al. 2022), by subject. {@link Source} makes them and checks every range; the
 * names in its files are those of the published {@code train_config.yml}.
 */
public record TrainSettings(
        long seed,
        ObjectiveKind objective,
        Schedule schedule,
        Data data,
        Model model,
        Optimizer optimizer,
        Correspondence correspondence,
        Teacher teacher,
        Extras extras,
        Masks masks) {
    /** Goals of the training of head and clusters, by the paper. */
    public enum ObjectiveKind {
        /** Correspondences distilled into codes (Hamilton et al. 2022). */
        STEGO,
        /** Smooth assignments to the clusters of a momentum teacher (Lan et al. 2023). */
        SMOOSEG,
        /** Prototypes fitted to mask proposals on frozen features or codes: PriMaPs-EM (Hahn et al. 2024). */
        PRIMAPS,
        /** Clusters of the features, merged where they touch and are alike, distilled into codes. */
        ADJACENCY
    }

    /**
     * Length of a training, and the steps from one output to the next: alone these may change when it goes on, since no
     * step depends on them.
     *
     * @param steps number of steps
     * @param logEvery between lines of losses
     * @param histogramsEvery between histograms of similarities; 0: none
     * @param validateEvery between validations; 0: none but the last
     * @param checkpointEvery between checkpoints
     * @param patience validations after the step of the consensus with which the training ends early; 0: it doesn't
     */
    public record Schedule(
            int steps, int logEvery, int histogramsEvery, int validateEvery, int checkpointEvery, int patience) {}

    /**
     * Images that are trained on.
     *
     * @param batch images in a step, and as many neighbours
     * @param neighbours an image is paired with one of so many nearest ones
     * @param classes clusters to find; 0: as many as the dataset has classes
     * @param crop crops that each image is cut into first
     * @param cropRatio side of such a crop as a part of the image's
     * @param size side in pixels of the square that the backbone sees
     * @param validationSize the same side in validation
     * @param square position of that square in the image
     */
    public record Data(
            int batch,
            int neighbours,
            int classes,
            CropKind crop,
            double cropRatio,
            int size,
            int validationSize,
            Square square) {}

    /** Position of the square of an image that the backbone sees. */
    public enum Square {
        /** The square in the middle. */
        CENTER,
        /** A square at a place drawn anew for each step. */
        RANDOM
    }

    /**
     * Head and probes.
     *
     * @param feature output of the backbone that the head gets
     * @param projection branches of the head
     * @param dropoutRate part of the channels that is dropped
     * @param code channels of the code, D
     * @param extraClusters clusters beyond the classes
     * @param kmeansStart true if clusters start from k-means of the codes
     */
    public record Model(
            FeatureKind feature,
            Projection projection,
            double dropoutRate,
            int code,
            int extraClusters,
            boolean kmeansStart) {}

    /** Branches of the head. */
    public enum Projection {
        /** The linear layer and the perceptron, added. */
        NONLINEAR,
        /** The linear layer alone. */
        LINEAR
    }

    /**
     * Learning rates.
     *
     * @param headRate of the head, and of a decoder
     * @param probeRate of both probes
     * @param resetProbesAfter the step after which the probes start anew; 0: never
     */
    public record Optimizer(double headRate, double probeRate, int resetProbesAfter) {}

    /**
     * Correspondence loss.
     *
     * @param weight factor of all its terms
     * @param terms weights and shifts, {@code weight} not multiplied in
     * @param dropout true if channels of the compared features are dropped; the head's own dropout is always on
     * @param points along each side of a grid
     * @param negatives draws of negatives
     * @param salient true if nine points in ten are where a label is
     * @param trueLabels true if labels are compared instead of features: an upper bound
     */
    public record Correspondence(
            double weight,
            CorrespondenceLoss.Settings terms,
            boolean dropout,
            int points,
            int negatives,
            boolean salient,
            boolean trueLabels) {
        /** Returns the settings of the loss, {@code weight} multiplied in. */
        public CorrespondenceLoss.Settings loss() {
            return terms.weighted(weight);
        }
    }

    /**
     * Clusters that follow the trained ones as a running mean.
     *
     * @param temperature by which cosines with them are divided before a softmax
     * @param momentum part of themselves that they keep in a step
     */
    public record Teacher(double temperature, double momentum) {}

    /**
     * Further losses, each off with weight 0.
     *
     * @param guidance of the CRF loss
     * @param crfPoints pixels of an image that the CRF loss compares
     */
    public record Extras(
            double alignmentWeight,
            double reconstructionWeight,
            double crfWeight,
            GuidanceSettings guidance,
            int crfPoints) {}

    /**
     * Mask proposals and the prototypes that are fitted to them, of {@link ObjectiveKind#PRIMAPS}.
     *
     * @param threshold cosine with a mask's anchor from which a patch belongs to the mask
     * @param coverage share of the patches that are in a mask when no further one is sought
     */
    public record Masks(double threshold, double coverage, Objective.Prototypes prototypes) {}

    /** Returns whether features change from step to step, so that none can be kept. */
    public boolean needsLiveFeatures() {
        return extras.alignmentWeight > 0 || data.square == Square.RANDOM;
    }

    /**
     * Puts {@link TrainSettings} together: the defaults, then a preset, a YAML file and single values, each of which changes
     * what it names. Anything misspelt, given twice, out of range or of the wrong kind is a {@link TrainingException.BadSettings}.
     */
    public static final class Source {
        /** The published settings by objective (STEGO without a name), dataset and backbone. */
        public static final List<String> PRESETS = List.of(
                "cocostuff27_vit_small",
                "cocostuff27_vit_base",
                "cityscapes_vit_small",
                "cityscapes_vit_base",
                "potsdam_vit_small",
                "primaps",
                "smooseg_cocostuff27_vit_small",
                "smooseg_cityscapes_vit_small",
                "smooseg_potsdam_vit_base");

        /** Published names of {@link TrainSettings.Schedule}, which changes nothing in the steps. */
        private static final Set<String> FREE_TO_CHANGE =
                Set.of("max_steps", "scalar_log_freq", "hist_freq", "val_freq", "checkpoint_freq", "patience");

        private static final String DEFAULTS = "default.yml";
        private static final int LONGEST_NAME = 50;

        /** Published or usual names that are no settings here, with the remedy. */
        private static final Map<String, String> ELSEWHERE = Map.ofEntries(
                Map.entry("output_root", "use --out"),
                Map.entry("log_dir", "use --out"),
                Map.entry("experiment_name", "use --out"),
                Map.entry("pytorch_data_dir", "use --data"),
                Map.entry("dir_dataset_name", "use --data"),
                Map.entry("dataset_name", "use --layout"),
                Map.entry("model_type", "use --model"),
                Map.entry("arch", "use --model"),
                Map.entry("dino_patch_size", "use --model"),
                Map.entry("pretrained_weights", "use --model"),
                Map.entry("num_workers", "use --threads"),
                Map.entry("has_labels", "leave it out: labels are used where there are any"),
                Map.entry("continuous", "leave it out and set dim"),
                Map.entry("granularity", "leave it out: it is for another architecture"),
                Map.entry("use_recalibrator", "leave it out: nothing ever read it"),
                Map.entry("use_fit_model", "leave it out: nothing ever read it"),
                Map.entry("stop_at_zero", "leave it out: nothing ever read it"),
                Map.entry("repulsion_weight", "leave it out: nothing ever read it"),
                Map.entry("color_space", "leave it out: nothing ever read it"),
                Map.entry("n_images", "leave it out: the report chooses"),
                Map.entry("azureml_logging", "leave it out"),
                Map.entry("submitting_to_aml", "leave it out"),
                Map.entry("hydra", "leave it out"),
                Map.entry("learning_rate", "use lr, or probe_lr for the probes"),
                Map.entry("epochs", "use max_steps"),
                Map.entry("steps", "use max_steps"),
                Map.entry("size", "use res"),
                Map.entry("resolution", "use res"),
                Map.entry("classes", "use dir_dataset_n_classes"),
                Map.entry("n_classes", "use dir_dataset_n_classes"),
                Map.entry("num_classes", "use dir_dataset_n_classes"));

        /** The mapper, made at its first use: it takes a quarter of a second, and help needs only the names of the presets. */
        private static final class Yaml {
            static final YAMLMapper MAPPER = YAMLMapper.builder(YAMLFactory.builder()
                            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                            .build())
                    .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                    .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                    .build();
        }

        /** Published names of the shifts of the correspondence loss. */
        public static final Set<String> SHIFTS =
                Stream.of(Term.values()).map(Source::shift).collect(Collectors.toUnmodifiableSet());

        private final ObjectNode values;
        /** Names of the settings that were set to something other than the defaults. */
        private final Set<String> given;

        private Source(ObjectNode values, Set<String> given) {
            this.values = values;
            this.given = given;
        }

        /** Returns the published name of the shift of a term. */
        public static String shift(Term term) {
            return switch (term) {
                case INTRA -> "pos_intra_shift";
                case INTER -> "pos_inter_shift";
                case NEGATIVE -> "neg_inter_shift";
            };
        }

        /** Returns the published defaults. */
        public static Source defaults() {
            return new Source(resource(DEFAULTS), Set.of());
        }

        private static ObjectNode resource(String name) {
            try (InputStream in = Source.class.getResourceAsStream(name)) {
                return object(name, in.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException("the program's own " + name + " can't be read", e);
            }
        }

        /** Adds one of {@link #PRESETS}. */
        public Source preset(String name) {
            return preset(name, Set.of());
        }

        /** Adds one of {@link #PRESETS}, but for some of its settings. */
        public Source preset(String name, Set<String> without) {
            if (!PRESETS.contains(name)) {
                throw new TrainingException.BadSettings(
                        "there is no preset \"" + name + "\"; there are " + String.join(", ", PRESETS));
            }
            ObjectNode preset = resource("presets/" + name + ".yml");
            preset.remove(without);
            return merge("preset " + name, preset);
        }

        /**
         * Adds a YAML file.
         *
         * @throws TrainingException.BadSettings if it can't be read, or holds something else
         */
        public Source file(Path file) {
            try {
                return text(file.toString(), TextFile.read(file, TextFile.HAND_WRITTEN));
            } catch (IOException e) {
                throw new TrainingException.BadSettings(e.getMessage());
            }
        }

        /** Adds YAML text, of which errors say that it is from {@code source}. */
        public Source text(String source, String yaml) {
            // The parser's time grows with the square of a comment's length.
            if (yaml.length() > TextFile.HAND_WRITTEN) {
                throw new TrainingException.BadSettings(
                        source + ": " + yaml.length() + " characters are too many for settings");
            }
            return merge(source, object(source, yaml.getBytes(StandardCharsets.UTF_8)));
        }

        /** Adds one value, {@code key=value}. */
        public Source set(String assignment) {
            int equals = assignment.indexOf('=');
            String key = equals < 0 ? assignment : assignment.substring(0, equals);
            if (!key.isEmpty() && !values.has(key)) {
                throw new TrainingException.BadSettings(assignment + ": " + unknown(key));
            }
            if (equals < 1) {
                String example = key.isEmpty()
                        ? ""
                        : ": write " + key + "=" + values.get(key).asText() + " for one";
                throw new TrainingException.BadSettings(
                        "\"" + assignment + "\" is not of the form key=value" + example);
            }
            return text(assignment, assignment.substring(0, equals) + ": " + assignment.substring(equals + 1));
        }

        private static ObjectNode object(String source, byte[] yaml) {
            try {
                JsonNode node = Yaml.MAPPER.readTree(yaml);
                if (node.isMissingNode() || node.isNull()) {
                    return Yaml.MAPPER.createObjectNode();
                }
                if (node instanceof ObjectNode object) {
                    return object;
                }
                throw new TrainingException.BadSettings(source + ": it holds no \"key: value\" lines");
            } catch (JsonProcessingException e) {
                String where = e.getLocation() == null
                        ? ""
                        : " (line " + e.getLocation().getLineNr() + ")";
                throw new TrainingException.BadSettings(source + ": "
                        + e.getOriginalMessage().lines().findFirst().orElse("no valid YAML") + where);
            } catch (IOException e) {
                throw new UncheckedIOException("bytes in memory can always be read", e);
            }
        }

        private Source merge(String source, ObjectNode changes) {
            ObjectNode merged = values.deepCopy();
            Set<String> named = new HashSet<>(given);
            for (Iterator<Map.Entry<String, JsonNode>> fields = changes.fields(); fields.hasNext(); ) {
                Map.Entry<String, JsonNode> field = fields.next();
                if (!values.has(field.getKey())) {
                    throw new TrainingException.BadSettings(source + ": " + unknown(field.getKey()));
                }
                merged.set(field.getKey(), field.getValue());
                named.add(field.getKey());
            }
            bind(source, merged);
            return new Source(merged, named);
        }

        private String unknown(String key) {
            if (ELSEWHERE.containsKey(key)) {
                return key + " is no setting of this program: " + ELSEWHERE.get(key);
            }
            List<String> known = new ArrayList<>();
            values.fieldNames().forEachRemaining(known::add);
            String unknown = "there is no setting " + Printable.quoted(key);
            if (key.length() <= LONGEST_NAME) {
                String nearest = Spelling.nearest(key, known);
                if (Spelling.distance(key, nearest) <= Math.max(2, key.length() / 3)) {
                    return unknown + "; the nearest is " + nearest;
                }
            }
            return unknown + "; there are " + String.join(", ", known);
        }

        /** Returns true if a setting was named by a preset, a file or a single value, be it with the default value. */
        public boolean gives(String name) {
            return given.contains(name);
        }

        /** Returns the settings as they are now. */
        public TrainSettings settings() {
            return bind("settings", values);
        }

        private static TrainSettings bind(String source, ObjectNode values) {
            try {
                return Yaml.MAPPER.treeToValue(values, PublishedSettings.class).settings();
            } catch (ValueInstantiationException e) {
                throw new TrainingException.BadSettings(
                        source + ": " + e.getCause().getMessage());
            } catch (JsonMappingException e) {
                throw new TrainingException.BadSettings(source + ": " + mismatch(e, values));
            } catch (JsonProcessingException e) {
                throw new TrainingException.BadSettings(source + ": " + e.getOriginalMessage());
            }
        }

        private static String mismatch(JsonMappingException e, ObjectNode values) {
            String key = e.getPath().isEmpty() ? "a value" : e.getPath().get(0).getFieldName();
            Class<?> wanted = e instanceof InvalidFormatException format ? format.getTargetType() : null;
            String kind = "a value of another kind";
            if (wanted != null && wanted.isEnum()) {
                kind = "one of " + List.of(wanted.getEnumConstants());
            } else if (wanted == boolean.class) {
                kind = "true or false";
            } else if (wanted == int.class || wanted == long.class) {
                kind = "a whole number";
            } else if (wanted == double.class) {
                kind = "a number";
            }
            return key + " must be " + kind + ", not " + values.path(key);
        }

        /** Returns the first difference that leads to other bits, in words; all but the schedule is compared. */
        static Optional<String> difference(TrainSettings before, TrainSettings now) {
            JsonNode old = Yaml.MAPPER.valueToTree(PublishedSettings.of(before));
            JsonNode given = Yaml.MAPPER.valueToTree(PublishedSettings.of(now));
            for (Iterator<Map.Entry<String, JsonNode>> fields = old.fields(); fields.hasNext(); ) {
                Map.Entry<String, JsonNode> field = fields.next();
                JsonNode other = given.get(field.getKey());
                if (!FREE_TO_CHANGE.contains(field.getKey())
                        && !field.getValue().equals(other)) {
                    return Optional.of(field.getKey() + " " + field.getValue().asText() + ", not " + other.asText());
                }
            }
            return Optional.empty();
        }

        /** Returns the settings as YAML, which {@link #text} takes again. */
        public static String yaml(TrainSettings settings) {
            try {
                return Yaml.MAPPER.writeValueAsString(PublishedSettings.of(settings));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("settings can always be written", e);
            }
        }
    }
}
