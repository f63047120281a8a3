package org.stegokernels.cli;

/** What the program tells the shell. */
public final class ExitCode {
    public static final int DONE = 0;
    /** Something unforeseen, too little memory for Java, or a check of {@code verify} that failed. */
    public static final int FAILED = 1;
    /** The command line can't be carried out as given. */
    public static final int USAGE = 2;
    /** The model file is missing, damaged or of the wrong kind, or its weights overflow. */
    public static final int BAD_MODEL = 3;
    /** The device that was asked for is not there, or failed. */
    public static final int NO_DEVICE = 4;
    /** Some inputs failed; all others are done. */
    public static final int SOME_INPUTS_FAILED = 5;

    private ExitCode() {}
}
