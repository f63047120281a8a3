package org.stegokernels.stego;

import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.Tensor;

/**
 * Classifies the pixels of blocks of a picture, which overlap: where a block before has decided, what it came to takes the
 * place of what a probe says. The CRF makes one class of a wide even region, and of which one hangs on little; left to
 * themselves, neighbouring blocks would decide differently and the border between them be seen. One thread at a time.
 */
final class BlockClassifier implements PixelClassifier {
    /** The probability of a decision is kept in so many steps; as the highest counts the middle of the last one. */
    private static final int STEPS = 255;

    private final Device device;
    private final PixelClassifier probe;
    private Decisions decisions;
    private int left;
    private int top;
    private float[] values = new float[0];

    /** The results of the blocks of one picture, for the rows that are needed. */
    static final class Decisions {
        private final int width;
        /** The most likely candidate of each pixel; null for rows without decisions. */
        private final byte[][] candidates;
        /** Its probability in steps, rounded up; 0 where nothing is decided. */
        private final byte[][] probabilities;

        private int first;

        /**
         * @param width of the picture in pixels as the model sees them
         * @param height of the picture
         */
        Decisions(int width, int height) {
            this.width = width;
            candidates = new byte[height][];
            probabilities = new byte[height][];
        }

        /** Forgets rows above. */
        void forget(int begin) {
            for (; first < begin; first++) {
                candidates[first] = null;
                probabilities[first] = null;
            }
        }

        void put(int x, int y, int candidate, float probability) {
            if (candidates[y] == null) {
                candidates[y] = new byte[width];
                probabilities[y] = new byte[width];
            }
            candidates[y][x] = (byte) candidate;
            probabilities[y][x] = (byte) Math.max(1, Math.min(STEPS, Math.ceil(STEPS * probability)));
        }
    }

    /** @param probe closed with this object */
    BlockClassifier(Device device, PixelClassifier probe) {
        this.device = device;
        this.probe = probe;
    }

    /** Says where the next block lies. */
    void moveTo(Decisions known, int blockLeft, int blockTop) {
        decisions = known;
        left = blockLeft;
        top = blockTop;
    }

    @Override
    public int candidates() {
        return probe.candidates();
    }

    @Override
    public int[] classOf() {
        return probe.classOf();
    }

    @Override
    public List<Segmentation.ClassInfo> classes() {
        return probe.classes();
    }

    @Override
    public void classify(Tensor patches, Tensor out) {
        probe.classify(patches, out);
        int height = out.shape().dim(1);
        int width = out.shape().dim(2);
        boolean any = false;
        for (int y = 0; y < height; y++) {
            byte[] probabilities = decisions.probabilities[top + y];
            for (int x = 0; probabilities != null && x < width; x++) {
                if (probabilities[left + x] != 0) {
                    if (!any) {
                        any = true;
                        read(out);
                    }
                    int candidate = decisions.candidates[top + y][left + x] & 0xFF;
                    decide(y * width + x, candidate, (probabilities[left + x] & 0xFF) - 0.5f);
                }
            }
        }
        if (any) {
            device.write(values, out);
        }
    }

    private void read(Tensor out) {
        if (values.length < out.shape().size()) {
            values = new float[out.shape().size()];
        }
        device.read(out, values);
    }

    private void decide(int pixel, int candidate, float steps) {
        int count = candidates();
        float probability = steps / STEPS;
        float other = (float) Math.log((1 - probability) / Math.max(1, count - 1));
        for (int k = 0; k < count; k++) {
            values[pixel * count + k] = other;
        }
        values[pixel * count + candidate] = (float) Math.log(probability);
    }

    @Override
    public void close() {
        probe.close();
    }
}
