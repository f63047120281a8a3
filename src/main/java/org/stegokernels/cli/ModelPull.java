package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.stegokernels.registry.DownloadException;
import org.stegokernels.registry.ModelRegistry;
import org.stegokernels.registry.ModelStore;
import org.stegokernels.registry.PullListener;
import org.stegokernels.registry.RegisteredModel;
import org.stegokernels.weights.ModelException;

/** Pulls a model with something to look at, and says what to do where that can't be. */
final class ModelPull implements PullListener, AutoCloseable {
    private final Console console;
    private final String name;
    /** Null while nothing comes. */
    private Progress progress;

    private ModelPull(Console console, String name) {
        this.console = console;
        this.name = name;
    }

    /** @throws ModelException if there is no model of that name; the message says which may be meant */
    static RegisteredModel registered(String name) throws IOException {
        ModelRegistry registry = ModelRegistry.load();
        return registry.find(name)
                .orElseThrow(() -> new ModelException(
                        name,
                        null,
                        "there is no model of this name and no such file",
                        registry.nearest(name)
                                .map(nearest -> "Did you mean " + nearest + "?")
                                .orElse("'stego-kernels models list' shows the names.")));
    }

    /** What to throw where a model is needed that is not here. */
    static ModelException absent(RegisteredModel model, ModelStore store) {
        return new ModelException(
                model.name(),
                null,
                "it is not here yet",
                "Add --pull, or run 'stego-kernels models pull " + model.name() + "', which downloads " + model.url()
                        + ". Without a network, " + byHand(model, store));
    }

    /**
     * Has a model here.
     *
     * @throws IOException if it can't be downloaded; the message says what to do
     */
    static void run(RegisteredModel model, ModelStore store, Console console) throws IOException {
        try (ModelPull listener = new ModelPull(console, model.name())) {
            store.pull(model, listener);
        } catch (DownloadException e) {
            throw new IOException(e.getMessage() + ". Pull again to go on, or " + byHand(model, store), e);
        }
    }

    private static String byHand(RegisteredModel model, ModelStore store) {
        Path published = store.published(model);
        return "put " + published.getFileName() + " into " + published.getParent() + " and pull then, or make "
                + store.path(model.name()) + " of it by 'stego-kernels convert'";
    }

    /** For people: {@code 87 MB}. */
    static String megabytes(long bytes) {
        return String.format(Locale.ROOT, bytes < 10_000_000 ? "%.1f MB" : "%.0f MB", bytes / 1e6);
    }

    @Override
    public void says(String line) {
        close();
        console.err().println(name + ": " + Console.printable(line));
    }

    @Override
    public void downloaded(long bytes, long total) {
        if (progress == null) {
            progress = Progress.ofBytes(console, name, total);
        }
        progress.stepTo(bytes);
    }

    /** Takes the bar away, until there is something to show again. */
    @Override
    public void close() {
        if (progress != null) {
            progress.close();
            progress = null;
        }
    }
}
