package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.stegokernels.data.Dataset;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.stego.Stego;
import org.stegokernels.text.Printable;
import org.stegokernels.train.TrainSettings;
import org.stegokernels.train.TrainSettings.Source;
import org.stegokernels.train.TrainingExamples;
import org.stegokernels.train.TrainingException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say what is trained on, and how. */
final class TrainingSelection {
    static final class Presets extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Presets() {
            super(Source.PRESETS);
        }
    }

    @Mixin
    private final ModelSelection modelSelection = new ModelSelection.Required();

    @Mixin
    private DataFolder folder;

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            order = 5,
            completionCandidates = Presets.class,
            description = "Published weights and shifts: ${COMPLETION-CANDIDATES}.")
    private String preset;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            order = 6,
            description =
                    "Settings, a YAML file with the names of the published train_config.yml; what it leaves out is as"
                            + " in the preset, or published.")
    private Path config;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            order = 7,
            description = "One setting, over those of the file; may be given again.")
    private List<String> changes = List.of();

    @Option(names = "--seed", paramLabel = "N", order = 8, description = "Short for --set seed=N.")
    private Long seed;

    @Option(
            names = "--size",
            paramLabel = "N",
            order = 9,
            description = "Short for --set res=N: side in pixels of what the backbone sees.")
    private Integer size;

    @Option(
            names = "--classes",
            paramLabel = "N",
            order = 10,
            description = "Short for --set dir_dataset_n_classes=N: how many classes to find, where the dataset doesn't"
                    + " say. auto: as many as the features suggest, from 5 to 40, as 'cluster --suggest' tells and"
                    + " explains.")
    private String classes;

    @Mixin
    private CacheSelection cache;

    /** @see ModelSelection#find */
    ModelSelection.Found model(Console console) throws IOException {
        return modelSelection.find(console);
    }

    /**
     * Returns the settings that the options give.
     *
     * @param base null for the published defaults
     * @param withoutOfPreset settings that are not taken from the preset
     * @param last one more change, or null
     * @throws UsageException if they can't be right
     */
    Source settings(TrainSettings base, Set<String> withoutOfPreset, String last) throws IOException {
        try {
            Source source = Source.defaults();
            if (base != null) {
                source = source.text("the checkpoint", Source.yaml(base));
            }
            if (preset != null) {
                source = source.preset(preset, withoutOfPreset);
            }
            if (config != null) {
                source = source.file(config);
            }
            for (String change : changes) {
                source = source.set(change);
            }
            if (seed != null) {
                source = source.set("seed=" + seed);
            }
            if (size != null) {
                source = source.set("res=" + size);
            }
            if (classes != null && !suggestsClasses()) {
                if (!classes.matches("\\d+")) {
                    throw new UsageException(
                            "--classes must be a whole number or auto, not " + Printable.line(classes));
                }
                source = source.set("dir_dataset_n_classes=" + classes);
            } else if (suggestsClasses() && base == null) {
                source = source.set("dir_dataset_n_classes=0");
            }
            if (last != null) {
                source = source.set(last);
            }
            return source;
        } catch (TrainingException.BadSettings e) {
            throw new UsageException(e.getMessage());
        }
    }

    /** Returns true if the number of classes is to be suggested by the features. */
    boolean suggestsClasses() {
        return "auto".equals(classes);
    }

    /** @throws UsageException if the settings don't fit the options */
    void check(TrainSettings settings) {
        if (settings.needsLiveFeatures() && !cache.none()) {
            throw new UsageException("loader_crop_type random and aug_alignment_weight above 0 show each image"
                    + " differently in each step: add --no-cache");
        }
        cache.check();
    }

    /** Returns the images to train on. */
    Dataset dataset(TrainSettings settings) {
        return UsageException.reading(() -> Dataset.open(folder.settings("train")
                .withCrop(settings.data().crop(), settings.data().cropRatio())
                .withClasses(settings.data().classes())));
    }

    /**
     * Makes sizes that were not given fit the patches of a model.
     *
     * @throws UsageException if a size that was given is not in whole patches
     */
    Source inWholePatches(Source given, Stego model) {
        int patch = model.backbone().patch();
        TrainSettings settings = given.settings();
        Source res = inWholePatches(given, "res", settings.data().size(), patch);
        return inWholePatches(res, "val_res", settings.data().validationSize(), patch);
    }

    private Source inWholePatches(Source given, String name, int pixels, int patch) {
        int below = Math.max(patch, pixels / patch * patch);
        int above = below + patch;
        if (pixels == below) {
            return given;
        }
        if (!given.gives(name)) {
            return given.set(name + "=" + (pixels - below < above - pixels ? below : above));
        }
        boolean option = size != null && name.equals("res");
        throw new UsageException((option ? "--size" : name) + " " + pixels + " is not in whole patches of " + patch
                + " pixels, as this model has them: give " + below + " or " + above);
    }

    FeatureSource source(Stego model, TrainSettings settings, int pixels) {
        return new FeatureSource(
                model.backbone(), model.backboneKey(), settings.model().feature(), pixels);
    }

    /** Returns the examples of a dataset, their features computed if they aren't there. */
    TrainingExamples examples(Console console, Dataset dataset, FeatureSource source, TrainSettings settings)
            throws IOException {
        if (cache.none()) {
            boolean randomCrops = settings.data().square() == TrainSettings.Square.RANDOM;
            return TrainingExamples.live(dataset, source, randomCrops, FeatureCache.Progress.NONE);
        }
        FeatureCache features = features(console, dataset, source);
        return TrainingExamples.cached(features, dataset);
    }

    /** Returns the identity of the examples before any of them is there. */
    String identity(Dataset dataset, FeatureSource source) {
        return cache.none()
                ? TrainingExamples.liveIdentity(dataset, source)
                : TrainingExamples.cachedIdentity(dataset, source, cache.type());
    }

    /** Features, with a bar while they are computed. */
    FeatureCache features(Console console, Dataset dataset, FeatureSource source) throws IOException {
        return cache.open(dataset, source, console);
    }

    /** As {@link #withUsage(Supplier)}, without a result. */
    static void withUsage(Runnable action) {
        withUsage(() -> {
            action.run();
            return null;
        });
    }

    /** Runs something whose settings may turn out not to fit. */
    static <T> T withUsage(Supplier<T> action) {
        try {
            return action.get();
        } catch (TrainingException.BadSettings e) {
            throw new UsageException(e.getMessage());
        }
    }
}
