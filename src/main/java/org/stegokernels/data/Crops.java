package org.stegokernels.data;

import java.util.SplittableRandom;
import org.stegokernels.image.Resize;

/** Where the crops of an image lie (the published {@code src/crop_datasets.py}). */
final class Crops {
    private Crops() {}

    /** A part of an image, in pixels. */
    record Box(int left, int top, int width, int height) {}

    /**
     * @param id of the whole image: where the random crops lie depends on it and on the image's size alone
     * @param number which crop, 0 to 4
     */
    static Box box(CropKind kind, double ratio, String id, int number, Resize.Size whole) {
        int width = Math.max(1, (int) (whole.width() * ratio));
        int height = Math.max(1, (int) (whole.height() * ratio));
        int right = whole.width() - width;
        int bottom = whole.height() - height;
        return switch (kind) {
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
