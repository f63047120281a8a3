package org.stegokernels.train;

import java.util.random.RandomGenerator;
import org.stegokernels.knn.NeighborGraph;
import org.stegokernels.train.StepRandom.Purpose;

/**
 * Draw of the images of a step. Images come in a new random order in each epoch, each once; what does not fill a last
 * batch is left out. The partner of an image is one of its nearest neighbours.
 *
 * @param step from 0
 * @param images {@code [2 B]}: B images, then the neighbour of each
 */
record StepDraw(long seed, int step, int[] images) {
    /** Draws steps for one dataset. One thread at a time. */
    static final class Source {
        private final TrainSettings settings;
        private final NeighborGraph neighbours;
        private final int batch;
        private int epoch = -1;
        private int[] order;

        Source(TrainSettings settings, NeighborGraph neighbours) {
            this.settings = settings;
            this.neighbours = neighbours;
            this.batch = Math.min(settings.data().batch(), neighbours.images());
        }

        /** Images in a batch, B: fewer than asked for if the dataset has fewer. */
        int batch() {
            return batch;
        }

        /** @param step from 0 */
        StepDraw step(int step) {
            int perEpoch = neighbours.images() / batch;
            begin(step / perEpoch);
            RandomGenerator random = StepRandom.of(settings.seed(), Purpose.STEP, 2L * step);
            int[] images = new int[2 * batch];
            System.arraycopy(order, step % perEpoch * batch, images, 0, batch);
            for (int i = 0; i < batch; i++) {
                images[batch + i] =
                        neighbours.draw(random, images[i], settings.data().neighbours());
            }
            return new StepDraw(settings.seed(), step, images);
        }

        private void begin(int wanted) {
            if (wanted != epoch) {
                epoch = wanted;
                order = StepRandom.order(settings.seed(), Purpose.ORDER, epoch, neighbours.images());
            }
        }
    }

    /** Returns the number of images in the batch, B. */
    int batch() {
        return images.length / 2;
    }

    /** Returns the generator of points, negatives and dropout. */
    RandomGenerator random() {
        return StepRandom.of(seed, Purpose.STEP, 2L * step + 1);
    }

    /** Returns the generator of crop and augmentation of the image in one place of {@link #images}. */
    RandomGenerator random(int place) {
        return StepRandom.of(seed, Purpose.IMAGE, (long) step * images.length + place);
    }
}
