package org.stegokernels.registry;

/** Told how a pull gets on. Called from the thread that pulls. */
public interface PullListener {
    /** What is being done now, or what went wrong and is tried again. */
    void says(String line);

    /**
     * How much of the file is here, several times a second.
     *
     * @param total -1 if the server doesn't say
     */
    void downloaded(long bytes, long total);
}
