package org.stegokernels.cluster;

/** The points can't be clustered as asked. The message says which and why. */
public class ClusteringException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ClusteringException(String message) {
        super(message);
    }
}
