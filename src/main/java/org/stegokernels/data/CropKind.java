package org.stegokernels.data;

import java.util.SplittableRandom;
import org.stegokernels.image.Resize;

/** The crops of its images that a dataset consists of (the published {@code src/crop_datasets.py}). */
public enum CropKind {
    /** The images themselves. */
    NONE(1),
    /** The four corners, top left, top right, bottom left, bottom right, and the middle. */
    FIVE(5),
    /** Five at random places, the same in every run. */
    RANDOM(5);

    private final int crops;

    CropKind(int crops) {
        this.crops = crops;
    }

    /** Returns the number of crops that an image has. */
    public int crops() {
        return crops;
    }

    /** A part of an image, in pixels. */
    record Box(int left, int top, int width, int height) {}

    /**
     * Returns the place of a crop.
     *
     * @param ratio sides of a crop as part of the image's
     * @param id of the whole image: where the random crops lie depends on it and on the image's size alone
     * @param number which crop, 0 to 4
     */
    Box box(double ratio, String id, int number, Resize.Size whole) {
        int width = Math.max(1, (int) (whole.width() * ratio));
        int height = Math.max(1, (int) (whole.height() * ratio));
        int right = whole.width() - width;
        int bottom = whole.height() - height;
        return switch (this) {
            case NONE -> new Box(0, 0, whole.width(), whole.height());
            case FIVE ->
                number == 4
                        // Half to even, as torchvision rounds.
                        ? new Box((int) Math.rint(right / 2.0), (int) Math.rint(bottom / 2.0), width, height)
                        : new Box(number % 2 * right, number / 2 * bottom, width, height);
            case RANDOM -> {
                SplittableRandom random = new SplittableRandom(((long) id.hashCode() << 3) + number);
                int left = random.nextInt(right + 1);
                yield new Box(left, random.nextInt(bottom + 1), width, height);
            }
        };
    }
}
