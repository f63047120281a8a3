package org.stegokernels.registry;

/** Told how a pull gets on. Called from the thread that pulls. */
public interface PullListener {
    /** What is being done now, or what went wrong and is tried again. */
    void says(String line);

    /**
     * How far the latest thing that was said has got, several times a second.
     *
     * @param done bytes
     * @param total -1 if nobody knows
     */
    void progress(long done, long total);
}
