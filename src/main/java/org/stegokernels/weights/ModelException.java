package org.stegokernels.weights;

import org.stegokernels.text.Printable;

/** A model file can't be used. The message names the file, the tensor if it is one, the reason and the remedy. */
public class ModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final String tensor;

    /**
     * Makes one without a failure behind it.
     *
     * @param tensor the tensor at fault, or null if it is the file as a whole
     * @param reason what is wrong, a clause without a full stop
     * @param remedy what to do about it, a sentence
     */
    public ModelException(String file, String tensor, String reason, String remedy) {
        this(file, tensor, reason, remedy, null);
    }

    /**
     * Makes one whose message has the four parts.
     *
     * @param file path or name of the model
     * @param tensor name, or null if it isn't about one
     * @param reason what is wrong
     * @param remedy what to do, as a sentence
     * @param cause may be null
     */
    public ModelException(String file, String tensor, String reason, String remedy, Throwable cause) {
        super(
                Printable.escaped(file + ": " + (tensor == null ? "" : "tensor " + Printable.quoted(tensor) + ": ")
                        + reason + ". " + remedy),
                cause);
        this.file = file;
        this.tensor = tensor;
    }

    /** Returns the path or name of the model. */
    public String file() {
        return file;
    }

    /** Returns the tensor at fault as the file names it, or null. */
    public String tensor() {
        return tensor;
    }
}
