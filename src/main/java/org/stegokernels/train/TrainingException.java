package org.stegokernels.train;

/** Training can't go on. The message says at which step, why, and what to do. */
public class TrainingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TrainingException(String message) {
        super(message);
    }
}
