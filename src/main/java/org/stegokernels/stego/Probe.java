package org.stegokernels.stego;

/** Which of a STEGO model's two classifiers names the classes. */
public enum Probe {
    /** Cosine similarity to the clusters, found without any label. */
    CLUSTER,
    /** The linear layer that was trained on labels to measure the quality of the code. */
    LINEAR
}
