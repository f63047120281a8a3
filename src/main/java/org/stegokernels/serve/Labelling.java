package org.stegokernels.serve;

import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.ModelInfo;
import org.stegokernels.stego.PatchStore.Patches;
import org.stegokernels.stego.Pipeline;
import org.stegokernels.stego.Pipeline.Frame;
import org.stegokernels.stego.Pipeline.Predictions;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.Tensor;

/**
 * The second half of a segmentation, for one set of candidates: from the codes of a photograph to the most likely
 * candidate of each pixel that the model sees. The quick way leaves the CRF out. To be used, and closed, while one has the
 * device.
 */
final class Labelling implements AutoCloseable {
    private static final int MOST_SURE = 255;

    private final Candidates candidates;
    private final Device device;
    private final Stego model;
    private final Pipeline pipeline;

    /**
     * The labels of a photograph.
     *
     * @param candidates the most likely one of each pixel, [height, width]
     * @param confidence its probability in 255ths, [height, width]
     */
    record Labels(int width, int height, byte[] candidates, byte[] confidence) {
        int bytes() {
            return candidates.length + confidence.length;
        }
    }

    /** @param base whose backbone and head are shared; not closed by this object */
    Labelling(Candidates candidates, Stego base, Segmenter.Options options) {
        this.candidates = candidates;
        device = base.device();
        model = candidates.in(base, options.size(), ModelInfo.DEFAULT);
        pipeline = Pipeline.of(model, List.of(candidates.probe()), options, new StageTimes());
    }

    Candidates candidates() {
        return candidates;
    }

    /**
     * Labels a photograph.
     *
     * @param crf whether to refine, if the options have it
     */
    Labels label(RgbImage working, Patches codes, boolean crf) {
        Frame frame = new Frame(working, working);
        try (Tensor patches = device.upload(codes.values(), codes.rows(), codes.columns(), candidates.channels())) {
            Tensor marginals = pipeline.marginals(frame, patches, crf).get(0);
            Predictions found = pipeline.predictions(frame, marginals);
            byte[] confidence = new byte[found.confidence().length];
            for (int i = 0; i < confidence.length; i++) {
                confidence[i] = (byte) Math.round(MOST_SURE * found.confidence()[i]);
            }
            return new Labels(working.width(), working.height(), found.labels().labels(), confidence);
        }
    }

    @Override
    public void close() {
        pipeline.close();
        model.close();
    }
}
