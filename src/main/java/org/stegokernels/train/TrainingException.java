package org.stegokernels.train;

/** Training can't go on. The message says at which step, why, and what to do. */
public class TrainingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The remedy if values stop being numbers. The learning rates of a training can't be changed when it goes on. */
    private static final String DIVERGED =
            "The last checkpoint stays as it was. Train anew in another folder with smaller learning"
                    + " rates (lr, probe_lr); if it happens at once, the features are not finite";

    private final String problem;

    /** Settings that can't be carried out. The message says where they are from, what is wrong, and what would be right. */
    public static final class BadSettings extends TrainingException {
        private static final long serialVersionUID = 1L;

        BadSettings(String message) {
            super(message);
        }
    }

    /** Makes one whose message says what is wrong and what to do. */
    public TrainingException(String message) {
        super(message);
        problem = message;
    }

    /** Makes one as {@link #TrainingException(String)}, with the failure behind it. */
    public TrainingException(String message, Throwable cause) {
        super(message, cause);
        problem = message;
    }

    private TrainingException(String problem, String remedy) {
        super(problem + ". " + remedy);
        this.problem = problem;
    }

    /** Returns the error of a value that is no finite number any more. */
    static TrainingException diverged(int step, String what, double value) {
        return new TrainingException("step " + step + ": " + what + " is " + value, DIVERGED);
    }

    /** Returns the message without what to do. */
    String problem() {
        return problem;
    }
}
