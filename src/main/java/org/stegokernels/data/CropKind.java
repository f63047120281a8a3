package org.stegokernels.data;

/** Which crops of its images a dataset consists of. */
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

    /** How many an image has. */
    public int crops() {
        return crops;
    }
}
