package org.stegokernels.cli;

/** Exit codes: the answer to the shell. */
final class ExitCode {
    static final int DONE = 0;
    /**
     * Something unforeseen, too little memory for Java, results that can't be written, images that turn out unusable
     * where a command needs all of them, or a check of {@code verify} that failed.
     */
    static final int FAILED = 1;
    /**
     * The command line can't be carried out as given: an option or its value is wrong, or a dataset, list or other file
     * that it names is not there or not what it should be. Models and photographs have codes of their own.
     */
    static final int USAGE = 2;
    /** The model file is missing, damaged or of the wrong kind, or its weights overflow. */
    static final int BAD_MODEL = 3;
    /** The device that was asked for is not there, or failed. */
    static final int NO_DEVICE = 4;
    /** Some inputs failed; all others are done. */
    static final int SOME_INPUTS_FAILED = 5;

    private ExitCode() {}
}
