package org.stegokernels.vit;

/** Which of a transformer's values serve as the features of a patch. */
public enum FeatureKind {
    /** Output of the final layer norm. */
    FEAT,
    /** Keys of the last block's attention, heads concatenated. */
    KK
}
