package org.stegokernels.knn;

/** No neighbours can be found among these features. The message says why. */
public class NeighborException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NeighborException(String message) {
        super(message);
    }
}
