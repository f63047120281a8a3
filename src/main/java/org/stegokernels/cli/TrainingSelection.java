package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.DatasetKind;
import org.stegokernels.data.DatasetSettings;
import org.stegokernels.device.Device;
import org.stegokernels.stego.Stego;
import org.stegokernels.train.CachedExamples;
import org.stegokernels.train.FeatureCache;
import org.stegokernels.train.FeatureCacheSettings;
import org.stegokernels.train.FeatureSource;
import org.stegokernels.train.LiveExamples;
import org.stegokernels.train.SettingsException;
import org.stegokernels.train.SettingsSource;
import org.stegokernels.train.TrainSettings;
import org.stegokernels.train.TrainingExamples;
import org.stegokernels.weights.DType;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say what is trained on, and how. */
final class TrainingSelection {
    static final class Presets extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Presets() {
            super(SettingsSource.PRESETS);
        }
    }

    @Mixin
    private final ModelSelection modelSelection = new ModelSelection.Required();

    @Option(
            names = {"-d", "--data"},
            paramLabel = "DIR",
            order = 2,
            required = true,
            description = "Folder of the dataset.")
    private Path data;

    @Option(
            names = "--layout",
            paramLabel = "NAME",
            order = 3,
            description = "How the folder is laid out: ${COMPLETION-CANDIDATES}. Default: what it looks like.")
    private DatasetKind layout;

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
            names = "--cache",
            paramLabel = "DIR",
            order = 10,
            description = "Folder in which the features of the images are kept, a file for each set of them. Default:"
                    + " one in the user's cache folder.")
    private Path cache;

    @Option(
            names = "--no-cache",
            order = 11,
            description = "Compute features anew in each step, which random crops and augmentation need; many times"
                    + " slower.")
    private boolean noCache;

    Path data() {
        return data;
    }

    /** @see ModelSelection#find */
    ModelSelection.Found model(Console console) throws IOException {
        return modelSelection.find(console);
    }

    DatasetKind kind() {
        return layout == null ? DatasetKind.detect(data) : layout;
    }

    /**
     * The settings that the options give.
     *
     * @param base null for the published defaults
     * @param last one more change, or null
     * @throws UsageException if they can't be right
     */
    TrainSettings settings(TrainSettings base, String last) throws IOException {
        try {
            SettingsSource source = SettingsSource.defaults();
            if (base != null) {
                source = source.text("the checkpoint", SettingsSource.yaml(base));
            }
            if (preset != null) {
                source = source.preset(preset);
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
            if (last != null) {
                source = source.set(last);
            }
            return source.settings();
        } catch (SettingsException e) {
            throw new UsageException(e.getMessage());
        }
    }

    /** @throws UsageException if the settings don't fit the options */
    void check(TrainSettings settings) {
        if (settings.needsLiveFeatures() && !noCache) {
            throw new UsageException("loader_crop_type random and aug_alignment_weight above 0 show each image"
                    + " differently in each step: add --no-cache");
        }
        if (noCache && cache != null) {
            throw new UsageException("--no-cache and --cache exclude each other");
        }
    }

    /** The images to train on. */
    Dataset dataset(TrainSettings settings) {
        DatasetSettings all = DatasetSettings.of(kind(), data, "train").withClasses(settings.classes());
        return Dataset.open(all.withCrop(settings.cropType(), settings.cropRatio()));
    }

    /** @throws UsageException if the size is not in whole patches */
    FeatureSource source(Device device, Stego model, TrainSettings settings, int pixels) {
        int patch = model.backbone().config().patch();
        if (pixels < patch || pixels % patch != 0) {
            throw new UsageException(
                    "res and val_res must be in whole patches of " + patch + " pixels; " + pixels + " is not");
        }
        return new FeatureSource(device, model.backbone(), model.backboneKey(), settings.dinoFeatType(), pixels);
    }

    /** The examples of a dataset, their features computed if they aren't there. */
    TrainingExamples examples(Console console, Dataset dataset, FeatureSource source, TrainSettings settings)
            throws IOException {
        if (noCache) {
            boolean randomCrops = settings.loaderCropType() == TrainSettings.LoaderCrop.RANDOM;
            return new LiveExamples(dataset, source, randomCrops, FeatureCache.Progress.NONE);
        }
        FeatureCache features = features(console, dataset, source);
        return new CachedExamples(features, dataset, source, where(dataset, source));
    }

    private FeatureCacheSettings where(Dataset dataset, FeatureSource source) {
        if (noCache) {
            return FeatureCacheSettings.inMemory();
        }
        Path usual = FeatureCache.defaultFile(dataset, source, DType.F16);
        return FeatureCacheSettings.in(cache == null ? usual : cache.resolve(usual.getFileName()));
    }

    /** Features, with a bar while they are computed. */
    FeatureCache features(Console console, Dataset dataset, FeatureSource source) throws IOException {
        FeatureCacheSettings where = where(dataset, source);
        try (Progress progress = Progress.of(console, "features of " + dataset.name(), dataset.size())) {
            return FeatureCache.open(dataset, source, where, (done, total) -> progress.stepTo(done));
        }
    }

    /** Runs something whose settings may turn out not to fit. */
    static <T> T withUsage(Supplier<T> action) {
        try {
            return action.get();
        } catch (SettingsException e) {
            throw new UsageException(e.getMessage());
        }
    }
}
