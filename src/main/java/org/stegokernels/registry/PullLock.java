package org.stegokernels.registry;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.stegokernels.registry.ModelRegistry.ModelStore.PullListener;

/**
 * Held by the one that pulls a model, among all processes and threads. The operating system frees it when a process dies.
 * The file stays: deleted, it could be locked twice.
 */
record PullLock(FileChannel file, FileLock lock) implements AutoCloseable {
    private static final long POLL_MILLIS = 100;

    /** Waits for it as long as it takes. */
    static PullLock await(Path path, PullListener listener) throws IOException {
        FileChannel file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        try {
            boolean told = false;
            while (true) {
                FileLock lock = attempt(file);
                if (lock != null) {
                    return new PullLock(file, lock);
                }
                if (!told) {
                    listener.says("it is being pulled at this moment; waiting for that");
                    told = true;
                }
                Thread.sleep(POLL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            file.close();
            throw new IOException("interrupted", e);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Tries to lock; null if another process has it. */
    private static FileLock attempt(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException thisProcess) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
