package org.stegokernels.cli;

import java.io.IOException;
import org.stegokernels.data.Dataset;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.stego.ModelInfo;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say which features of a dataset. */
final class FeatureSelection {
    @Option(
            names = "--size",
            paramLabel = "N",
            order = 10,
            description = "Side in pixels of the square in the middle that the model sees, in whole patches. Default:"
                    + " what the model was made for, 320 if it doesn't say.")
    private Integer size;

    @Mixin
    private CacheSelection cache;

    /**
     * Returns what makes the features.
     *
     * @param label of the model
     * @throws UsageException if a size that was given is out of range or not in whole patches
     * @throws org.stegokernels.weights.ModelException if the model's own size is not in whole patches
     */
    FeatureSource source(String label, Stego model) {
        if (size != null && (size < Segmenter.Options.MIN_SIZE || size > Segmenter.Options.MAX_SIZE)) {
            throw new UsageException("--size must be between " + Segmenter.Options.MIN_SIZE + " and "
                    + Segmenter.Options.MAX_SIZE + " pixels, not " + size);
        }
        ModelInfo.Settings settings = model.info().settings();
        int side = size == null ? settings.inputSize() : size;
        PatchSize.require("a square of features", size, side, label, model);
        return new FeatureSource(model.backbone(), model.backboneKey(), settings.feature(), side);
    }

    /** Computes what is not there yet, with a bar to look at. */
    FeatureCache open(Dataset dataset, FeatureSource source, Console console) throws IOException {
        return cache.open(dataset, source, console);
    }
}
