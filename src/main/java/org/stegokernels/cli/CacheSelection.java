package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.stegokernels.data.Dataset;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.io.UserCache;
import org.stegokernels.weights.TypedTensor.DType;
import picocli.CommandLine.Option;

/** The options that say where the features of a dataset are kept. */
final class CacheSelection {
    @Option(
            names = "--cache",
            paramLabel = "DIR",
            order = 11,
            description = "Folder in which the features of the images are kept, a file for each set of them. Default:"
                    + " one in the user's cache folder.")
    private Path folder;

    @Option(
            names = "--no-cache",
            order = 12,
            description = "Keep no features: every run computes them; 'train' and 'tune-shifts' in each step, which"
                    + " random crops and augmentation need, many times slower.")
    private boolean none;

    @Option(
            names = "--cache-type",
            paramLabel = "T",
            order = 13,
            defaultValue = "f16",
            description = "Precision of kept features: f16 or f32. Default: ${DEFAULT-VALUE}.")
    private DType type;

    boolean none() {
        return none;
    }

    DType type() {
        return type;
    }

    /** @throws UsageException if the options contradict each other */
    void check() {
        if (none && folder != null) {
            throw new UsageException("--cache and --no-cache exclude each other");
        }
        if (type != DType.F16 && type != DType.F32) {
            throw new UsageException("--cache-type must be f16 or f32, not " + type);
        }
    }

    /** Returns the folder in which features of single photographs are kept; null for none. */
    Path photographs() {
        if (none) {
            return null;
        }
        return folder == null ? UserCache.folder().resolve("features").resolve("photographs") : folder;
    }

    private FeatureCache.Settings settings(Dataset dataset, FeatureSource source) {
        if (none) {
            return FeatureCache.Settings.inMemory().withType(type);
        }
        Path usual = FeatureCache.defaultFile(dataset, source, type);
        return FeatureCache.Settings.in(folder == null ? usual : folder.resolve(usual.getFileName()))
                .withType(type);
    }

    /** Features, with a bar while those are computed that are not there. */
    FeatureCache open(Dataset dataset, FeatureSource source, Console console) throws IOException {
        check();
        try (Progress progress = Progress.of(console, "features of " + dataset.name(), dataset.size())) {
            return FeatureCache.open(
                    dataset, source, settings(dataset, source), (done, total) -> progress.stepTo(done));
        }
    }
}
