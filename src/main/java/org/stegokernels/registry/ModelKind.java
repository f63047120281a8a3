package org.stegokernels.registry;

/** What a model can be used for. */
public enum ModelKind {
    /** A vision transformer: features, no classes. */
    BACKBONE,
    /** A vision transformer with a segmentation head and probes: classes. */
    STEGO
}
