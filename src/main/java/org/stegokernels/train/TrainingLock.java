package org.stegokernels.train;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.FileLocks;

/**
 * Keeps a folder to one training, and trainings out of folders where they would replace what no training left. Held until
 * it is closed; if the process is killed, until then.
 */
public final class TrainingLock implements AutoCloseable {
    private final TrainingFolder folder;
    private final FileChannel channel;

    private TrainingLock(TrainingFolder folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * Makes the folder if it is missing, and locks it.
     *
     * @throws IOException if another training is at work there, the folder can't be written, or it holds files under the
     *     names of a training's without having been a training's before
     */
    public static TrainingLock of(TrainingFolder folder) throws IOException {
        FileErrors.makeFolder(folder.folder());
        requireOurs(folder);
        FileChannel channel;
        try {
            channel = FileChannel.open(
                    folder.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw FileErrors.writing(folder.lock(), e);
        }
        try {
            if (FileLocks.tryLock(channel)) {
                return new TrainingLock(folder, channel);
            }
        } catch (IOException e) {
            channel.close();
            throw FileErrors.writing(folder.lock(), e);
        }
        channel.close();
        throw new IOException(folder.folder()
                + ": another training is at work in that folder; wait until it is done, or choose another folder");
    }

    /** A checkpoint or a lock says that a training was here; earlier versions left no lock. */
    private static void requireOurs(TrainingFolder folder) throws IOException {
        if (Files.exists(folder.lock()) || Files.exists(folder.checkpoint())) {
            return;
        }
        Optional<Path> foreign = Stream.of(
                        folder.best(), folder.last(), folder.metrics(), folder.settings(), folder.report())
                .filter(file -> Files.exists(file, LinkOption.NOFOLLOW_LINKS))
                .findFirst();
        if (foreign.isPresent()) {
            throw new IOException(foreign.get() + " is there, but no checkpoint: no training left it, and one would"
                    + " replace it; choose another folder, or move it away");
        }
    }

    public TrainingFolder folder() {
        return folder;
    }

    /** Gives the folder free. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
