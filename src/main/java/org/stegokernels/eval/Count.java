package org.stegokernels.eval;

/** What becomes of pixels in extra clusters, of which a model may have more than there are classes. */
public enum Count {
    /** They are wrong: their cluster stands for no class. */
    ALL,
    /**
     * As the published code counts: pixels of clusters from the number of classes on are dropped before the matching, and
     * what the matching leaves over is a class of its own. Only for comparison with published figures.
     */
    PUBLISHED
}
