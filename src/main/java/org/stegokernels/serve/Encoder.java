package org.stegokernels.serve;

import java.io.IOException;
import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.PatchStore.Patches;
import org.stegokernels.stego.Pipeline;
import org.stegokernels.stego.Pipeline.Encoded;
import org.stegokernels.stego.Pipeline.Frame;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.Shape;

/**
 * The first half of a segmentation, done once for each photograph: from its pixels to its codes, the same that {@code
 * segment} computes. One thread at a time.
 */
final class Encoder implements AutoCloseable {
    private final Device device;
    private final boolean hasHead;
    private final Pipeline pipeline;
    private final Turns turns;

    /**
     * A photograph with the vectors of its patches.
     *
     * @param codes {@code [rows, columns, C]}
     * @param features of the backbone, {@code [rows, columns, K]}; null if the codes are features
     */
    record Vectors(RgbImage working, Patches codes, float[] features) {}

    /** @param model not closed by the encoder */
    Encoder(Stego model, Segmenter.Options options, Turns turns) {
        device = model.device();
        hasHead = model.head().isPresent();
        pipeline = Pipeline.of(model, List.of(), options.withCrf(false), new StageTimes());
        this.turns = turns;
    }

    /**
     * Computes the vectors of a photograph.
     *
     * @throws org.stegokernels.vit.FiniteCheck.NotFiniteException if the weights overflow on it
     */
    Vectors encode(RgbImage photograph) throws IOException {
        Frame frame = pipeline.frame(photograph);
        return turns.later(() -> {
            Encoded encoded = pipeline.encode(frame);
            Shape grid = encoded.mean().shape();
            Patches codes = new Patches(grid.dim(0), grid.dim(1), device.floats(encoded.mean()));
            return new Vectors(frame.working(), codes, hasHead ? device.floats(encoded.features()) : null);
        });
    }

    @Override
    public void close() {
        pipeline.close();
    }
}
