package org.stegokernels.stego;

/**
 * Options of a segmentation.
 *
 * @param size shorter side in pixels of what the model sees; larger finds smaller things and takes longer
 * @param flip whether the code is averaged with that of the mirror image
 * @param crf whether a dense CRF sharpens the borders
 * @param probe which classifier of a STEGO model is asked
 * @param protocol the part of a photograph that is labelled
 */
public record SegmenterOptions(int size, boolean flip, boolean crf, Probe probe, Protocol protocol) {
    public static final int MIN_SIZE = 16;
    public static final int MAX_SIZE = 4096;

    /** As published: 320 pixels, mirror image, CRF, clusters; but the whole photograph at its own size. */
    public static final SegmenterOptions DEFAULT = new SegmenterOptions(320, true, true, Probe.CLUSTER, Protocol.WHOLE);

    /** The two classifiers of a STEGO model. */
    public enum Probe {
        /** Cosine similarity to the clusters, found without any label. */
        CLUSTER,
        /** The linear layer that was trained on labels to measure the quality of the code. */
        LINEAR
    }

    /** The part of a photograph that is labelled, and the size at which that happens. */
    public enum Protocol {
        /**
         * The whole photograph, at its own size. The model sees it resized with antialiasing, aspect ratio kept, both sides rounded to
         * whole patches.
         */
        WHOLE,
        /**
         * The way of the published evaluation, to compare figures with it: resized with nearest neighbour until the shorter
         * side is the working size, the square in the middle cut out, and labelled at that size.
         */
        PUBLISHED
    }

    /** @throws IllegalArgumentException if the size is not between {@link #MIN_SIZE} and {@link #MAX_SIZE} */
    public SegmenterOptions {
        if (size < MIN_SIZE || size > MAX_SIZE) {
            throw new IllegalArgumentException(
                    "size must be between " + MIN_SIZE + " and " + MAX_SIZE + " pixels, not " + size);
        }
    }

    public SegmenterOptions withSize(int pixels) {
        return new SegmenterOptions(pixels, flip, crf, probe, protocol);
    }

    public SegmenterOptions withFlip(boolean on) {
        return new SegmenterOptions(size, on, crf, probe, protocol);
    }

    public SegmenterOptions withCrf(boolean on) {
        return new SegmenterOptions(size, flip, on, probe, protocol);
    }

    public SegmenterOptions withProbe(Probe asked) {
        return new SegmenterOptions(size, flip, crf, asked, protocol);
    }

    public SegmenterOptions withProtocol(Protocol followed) {
        return new SegmenterOptions(size, flip, crf, probe, followed);
    }
}
