package org.stegokernels.stego;

/** What of a photograph is labelled, and at which size. */
public enum Protocol {
    /**
     * All of it, at its own size. The model sees it resized with antialiasing, aspect ratio kept, both sides rounded to
     * whole patches.
     */
    WHOLE,
    /**
     * What the published evaluation does, to compare figures with it: resized with nearest neighbour until the shorter
     * side is the working size, the square in the middle cut out, and labelled at that size.
     */
    PUBLISHED
}
