package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.stegokernels.data.Dataset;
import org.stegokernels.device.Device;
import org.stegokernels.stego.Stego;
import org.stegokernels.train.FeatureCache;
import org.stegokernels.train.FeatureCacheSettings;
import org.stegokernels.train.FeatureSource;
import org.stegokernels.weights.DType;
import picocli.CommandLine.Option;

/** The options that say which features of a dataset, and where they are kept. */
final class FeatureSelection {
    @Option(
            names = "--size",
            paramLabel = "N",
            order = 10,
            description = "Side in pixels of the square in the middle that the model sees, in whole patches. Default:"
                    + " what the model was made for, 320 if it doesn't say.")
    private Integer size;

    @Option(
            names = "--cache",
            paramLabel = "FILE",
            order = 11,
            description = "Where features are kept for the next run. Default: in the user's cache folder.")
    private Path file;

    @Option(
            names = "--no-cache",
            order = 12,
            description = "Keep features in memory only, and compute them in every run.")
    private boolean inMemory;

    @Option(
            names = "--cache-type",
            paramLabel = "T",
            order = 13,
            defaultValue = "f16",
            description = "Precision of kept features: f16 or f32. Default: ${DEFAULT-VALUE}.")
    private DType type;

    /** @throws UsageException if the options contradict each other or the model */
    FeatureSource source(Stego model, Device device) {
        int side = size == null ? model.info().settings().inputSize() : size;
        try {
            return new FeatureSource(
                    device,
                    model.backbone(),
                    model.backboneKey(),
                    model.info().settings().feature(),
                    side);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--size: " + e.getMessage());
        }
    }

    /** Computes what is not there yet, with a bar to look at. */
    FeatureCache open(Dataset dataset, FeatureSource source, Console console) throws IOException {
        if (inMemory && file != null) {
            throw new UsageException("--cache and --no-cache exclude each other");
        }
        if (type != DType.F16 && type != DType.F32) {
            throw new UsageException("--cache-type must be f16 or f32, not " + type);
        }
        Path target = inMemory ? null : file != null ? file : FeatureCache.defaultFile(dataset, source, type);
        FeatureCacheSettings settings = FeatureCacheSettings.in(target).withType(type);
        try (Progress progress = Progress.of(console, "features", dataset.size())) {
            return FeatureCache.open(dataset, source, settings, (done, total) -> progress.stepTo(done));
        }
    }
}
