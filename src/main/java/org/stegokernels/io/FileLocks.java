package org.stegokernels.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;

/** Locks of the operating system, which a process that is killed gives back. */
public final class FileLocks {
    private FileLocks() {}

    /**
     * Locks a file until its channel is closed.
     *
     * @param channel open for writing
     * @return false if it is taken, in this process or in another one
     * @throws IOException if its file system has no locks
     */
    public static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }
}
