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
import org.stegokernels.io.UserCache.Locks;

/** The folder of a training, and the files that it leaves there. */
public record TrainingFolder(Path folder) {
    /** Returns the file from which a training goes on. */
    public Path checkpoint() {
        return folder.resolve("checkpoint.safetensors");
    }

    /** Returns the file that is locked while a training is at work; it is empty. */
    private Path lockFile() {
        return folder.resolve(".training.lock");
    }

    /** Returns the file of the model whose clusters were best in validation. */
    public Path best() {
        return folder.resolve("best.safetensors");
    }

    /** Returns the file of the model at the end. */
    public Path last() {
        return folder.resolve("last.safetensors");
    }

    /** Returns the file of the model of the step that agrees best with the others; there only if three were validated. */
    public Path consensus() {
        return folder.resolve("consensus.safetensors");
    }

    /** Returns the file of the model to use: the best by labels, else the one that agrees best with the others, else the last. */
    public Path recommended() {
        return Stream.of(best(), consensus()).filter(Files::exists).findFirst().orElseGet(this::last);
    }

    /** Returns the folder of the models of all validated steps, without backbone, from which the consensus is chosen. */
    Path snapshots() {
        return folder.resolve("snapshots");
    }

    /** Returns the file of losses, similarities and validations, one JSON object a line. */
    public Path metrics() {
        return folder.resolve("metrics.jsonl");
    }

    /** Returns the page of curves, pictures and scores. */
    public Path report() {
        return folder.resolve("report.html");
    }

    /** Returns the file of the settings, which can be given again. */
    public Path settings() {
        return folder.resolve("settings.yml");
    }

    /** Returns the file that says how many classes were suggested, and why; there only if nobody chose a number. */
    public Path suggestion() {
        return folder.resolve("classes.json");
    }

    /**
     * Makes the folder if it is missing, and locks it.
     *
     * @throws IOException if another training is at work there, the folder can't be written, or it holds files under the
     *     names of a training's without having been a training's before
     */
    public Lock lock() throws IOException {
        FileErrors.makeFolder(folder);
        requireOurs();
        FileChannel channel;
        try {
            channel = FileChannel.open(
                    lockFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw FileErrors.writing(lockFile(), e);
        }
        try {
            if (Locks.tryLock(channel)) {
                return new Lock(this, channel);
            }
        } catch (IOException e) {
            channel.close();
            throw FileErrors.writing(lockFile(), e);
        }
        channel.close();
        throw new IOException(folder
                + ": another training is at work in that folder; wait until it is done, or choose another folder");
    }

    /** Refuses files of these names that no training left. Earlier versions left a checkpoint, but no lock. */
    private void requireOurs() throws IOException {
        if (Files.exists(lockFile()) || Files.exists(checkpoint())) {
            return;
        }
        Optional<Path> foreign = Stream.of(best(), last(), consensus(), metrics(), settings(), report(), suggestion())
                .filter(file -> Files.exists(file, LinkOption.NOFOLLOW_LINKS))
                .findFirst();
        if (foreign.isPresent()) {
            throw new IOException(foreign.get() + " is there, but no checkpoint: no training left it, and one would"
                    + " replace it; choose another folder, or move it away");
        }
    }

    /**
     * Keeps a folder to one training, and trainings out of folders where they would replace foreign files. Held until it is
     * closed or the process ends.
     */
    public static final class Lock implements AutoCloseable {
        private final TrainingFolder folder;
        private final FileChannel channel;

        private Lock(TrainingFolder folder, FileChannel channel) {
            this.folder = folder;
            this.channel = channel;
        }

        /** Returns the folder that is locked. */
        public TrainingFolder folder() {
            return folder;
        }

        /** Frees the folder. */
        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
