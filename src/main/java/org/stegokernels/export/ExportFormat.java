package org.stegokernels.export;

import java.io.Closeable;
import java.io.IOException;

/**
 * One format, on its way into a folder. Every file is written to a temporary name and renamed. For use by one thread at a
 * time; the order of the pictures is that of what all of them share.
 */
public interface ExportFormat extends Closeable {
    /**
     * Writes the files of one picture, and keeps what {@link #finish} needs of it, not in memory.
     *
     * @throws IOException if a file can't be written; the message names it and what to do
     */
    void add(Picture picture) throws IOException;

    /** Writes the files that all pictures share; after the last one. */
    default void finish() throws IOException {}

    /** Frees what is kept. Without {@link #finish} before, the files that all pictures share are not written. */
    @Override
    default void close() throws IOException {}
}
