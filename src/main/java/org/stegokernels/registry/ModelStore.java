package org.stegokernels.registry;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.stegokernels.convert.CheckpointConverter;
import org.stegokernels.io.ExitHooks;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.Sha256;
import org.stegokernels.io.UserCache;
import org.stegokernels.registry.Digests.DigestException;
import org.stegokernels.registry.ModelRegistry.RegisteredModel;
import org.stegokernels.vit.Architecture;
import org.stegokernels.weights.ModelException;

/**
 * The folder of the models that were pulled: {@code NAME.safetensors}, ready to use, and {@code NAME.sha256} with the
 * digests of that file and of the published one it was made from. What a model is made from lies apart from all models,
 * in {@code downloads/NAME}, under whatever name its authors gave it. A model gets its name last, when it is whole,
 * converted and checked; a pull that is interrupted at any point is continued by the next one.
 */
public final class ModelStore {
    private final Path folder;
    private final Download.Patience patience;

    /** The parts of a model that are here. */
    public enum State {
        EMBEDDED,
        HERE,
        PARTLY,
        ABSENT
    }

    ModelStore(Path folder, Download.Patience patience) {
        this.folder = folder;
        this.patience = patience;
    }

    /** Returns the one in the user's cache folder. */
    public static ModelStore ofUser() {
        return new ModelStore(UserCache.folder().resolve("models"), Download.Patience.DEFAULT);
    }

    /** Returns the place of a model, if it is here. */
    public Path path(String name) {
        return folder.resolve(name + ".safetensors");
    }

    public boolean has(String name) {
        return Files.isRegularFile(path(name));
    }

    public State state(RegisteredModel model) {
        if (model.embedded()) {
            return State.EMBEDDED;
        }
        if (has(model.name())) {
            return State.HERE;
        }
        Path published = published(model);
        return Files.exists(published) || Files.exists(Partial.file(published)) ? State.PARTLY : State.ABSENT;
    }

    /**
     * Returns the place where the file is kept as its authors publish it until it is converted; put there by hand, it
     * is taken too.
     */
    public Path published(RegisteredModel model) {
        return folder.resolve("downloads").resolve(model.name()).resolve(model.fileName());
    }

    /**
     * Downloads, checks and converts a model, each only if that is not done yet. Waits if another process is
     * pulling it at this moment. What fails a check is deleted.
     *
     * @return its file
     * @throws DownloadException if it can't be downloaded
     * @throws IOException if a file can't be written, or its digest is not the known one; the message says why
     * @throws ModelException if what was downloaded is not the model that is wanted
     */
    public Path pull(RegisteredModel model, PullListener listener) throws IOException {
        Path ready = path(model.name());
        try (PullLock lock = lock(model, listener)) {
            Digests digests = Digests.read(folder.resolve(model.name() + ".sha256"));
            if (Files.exists(ready)) {
                digests.check(ready);
                return ready;
            }
            Path published = published(model);
            boolean fetched = !Files.exists(published);
            if (fetched) {
                listener.says("downloading " + model.url());
                new Download(model.url(), published, model.bytes(), model.mostBytes(), patience, listener).run();
            }
            listener.says("checking and converting " + published);
            try {
                make(model, published, ready, digests, listener);
            } catch (ModelException | DigestException e) {
                if (fetched) {
                    Files.delete(published);
                }
                throw e;
            }
            Files.delete(published);
            removeIfEmpty(published.getParent());
            return ready;
        }
    }

    private static void removeIfEmpty(Path folder) throws IOException {
        try {
            Files.delete(folder);
        } catch (DirectoryNotEmptyException e) {
            // Somebody else's files.
        }
    }

    private PullLock lock(RegisteredModel model, PullListener listener) throws IOException {
        try {
            Files.createDirectories(published(model).getParent());
            return PullLock.await(folder.resolve("." + model.name() + ".lock"), listener);
        } catch (FileSystemException e) {
            throw FileErrors.writing(path(model.name()), e);
        }
    }

    private void make(RegisteredModel model, Path published, Path ready, Digests known, PullListener listener)
            throws IOException {
        Digests digests = model.sha256() == null ? known : known.with(published, model.sha256());
        String digest = digests.check(published);
        Path converted = folder.resolve("." + model.name() + ".converted");
        try (ExitHooks.Registration ended = ExitHooks.beforeEnd(() -> discard(converted))) {
            convert(model, published, converted, listener);
            digests.with(published, digest).with(ready, Sha256.hex(converted)).write();
            Files.move(converted, ready, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            discard(converted);
        }
    }

    /** Deletes what a pull that was broken off leaves; the next pull would replace it. */
    private static void discard(Path converted) {
        try {
            Files.deleteIfExists(converted);
        } catch (IOException e) {
            System.getLogger(ModelStore.class.getName())
                    .log(System.Logger.Level.DEBUG, "left behind: {0} ({1})", converted, e.getMessage());
        }
    }

    private static void convert(RegisteredModel model, Path published, Path converted, PullListener listener)
            throws IOException {
        CheckpointConverter.Options options = CheckpointConverter.Options.DEFAULT
                .withNotes(Map.of("source", model.url().toString(), "licence", model.licence()))
                .withProgress(listener::progress);
        if (model.expects() != null) {
            options = options.withHeads(model.expects().heads());
        }
        Architecture found =
                CheckpointConverter.convert(published, converted, options).backbone();
        if (model.expects() != null && !model.expects().equals(found)) {
            throw new ModelException(
                    published.toString(),
                    null,
                    "it holds a " + found + ", wanted a " + model.expects(),
                    "The file at its address is another one by now: use another model.");
        }
    }

    /** A file can't be had from its address. The message names the address and why; what came of it so far is kept. */
    public static final class DownloadException extends IOException {
        private static final long serialVersionUID = 1L;

        DownloadException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** An observer of a pull, called from the thread that pulls. */
    public interface PullListener {
        /** Called with what is being done now, or what went wrong and is tried again. */
        void says(String line);

        /**
         * Called with the progress of the latest thing that was said, several times a second.
         *
         * @param done bytes
         * @param total -1 if not known
         */
        void progress(long done, long total);
    }
}
