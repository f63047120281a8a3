package org.stegokernels.vit;

/** Finite weights and a picture whose product is not: what came of it can't be used. The message names the stage. */
public final class NotFiniteException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int image;

    /**
     * @param stage what was computed: {@code "the features"}
     * @param image which of the images computed together, from 0
     */
    NotFiniteException(String stage, int image, String remedy) {
        super("NaN or overflow in " + stage + ": the model's weights are too large for this picture. " + remedy);
        this.image = image;
    }

    private NotFiniteException(String message, NotFiniteException cause) {
        super(message, cause);
        this.image = cause.image;
    }

    /** Returns which of the images computed together it was, from 0. */
    public int image() {
        return image;
    }

    /** Returns the same exception with a message that begins with the picture's name. */
    public NotFiniteException of(Object picture) {
        return new NotFiniteException(picture + ": " + getMessage(), this);
    }
}
