package org.stegokernels.cli;

import java.io.IOException;
import org.stegokernels.data.Dataset;
import org.stegokernels.device.Device;
import org.stegokernels.stego.Stego;
import org.stegokernels.train.FeatureCache;
import org.stegokernels.train.FeatureSource;
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

    /** @throws UsageException if the size is not in whole patches */
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
        return cache.open(dataset, source, console);
    }
}
