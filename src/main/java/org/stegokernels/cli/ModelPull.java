package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.stegokernels.registry.ModelRegistry;
import org.stegokernels.registry.ModelRegistry.ModelStore;
import org.stegokernels.registry.ModelRegistry.ModelStore.DownloadException;
import org.stegokernels.registry.ModelRegistry.ModelStore.PullListener;
import org.stegokernels.registry.ModelRegistry.RegisteredModel;
import org.stegokernels.text.Printable;
import org.stegokernels.weights.ModelException;

/** Pulls a model with something to look at, and says what to do where that can't be. */
final class ModelPull implements PullListener, AutoCloseable {
    private final Console console;
    private final String name;
    /** Null while nothing comes. */
    private Progress bar;

    private ModelPull(Console console, String name) {
        this.console = console;
        this.name = name;
    }

    /**
     * Finds a model that is here, or has it here if that is wanted.
     *
     * @throws ModelException if there is no model of that name, or it is not here; the message says what to do
     * @throws IOException if it can't be downloaded; the message says what to do
     */
    static Path find(String name, boolean pull, Console console) throws IOException {
        ModelStore store = ModelStore.ofUser();
        if (store.has(name)) {
            return store.path(name);
        }
        if (pull) {
            return run(name, console);
        }
        RegisteredModel model = registered(name);
        if (model.gated()) {
            throw gated(model, store);
        }
        throw new ModelException(
                name,
                null,
                "it is not here yet",
                "Add --pull, or run 'stego-kernels models pull " + name + "', which downloads " + model.url()
                        + ". Without a network, " + byHand(model, store));
    }

    /**
     * Has a model here, and if it is here already checks it.
     *
     * @throws ModelException if there is no model of that name, or what came is not it
     * @throws IOException if it can't be downloaded; the message says what to do
     */
    static Path run(String name, Console console) throws IOException {
        ModelStore store = ModelStore.ofUser();
        RegisteredModel model = registered(name);
        if (model.gated() && store.state(model) == ModelStore.State.ABSENT) {
            throw gated(model, store);
        }
        try (ModelPull listener = new ModelPull(console, name)) {
            return store.pull(model, listener);
        } catch (DownloadException e) {
            throw new IOException(e.getMessage() + ". Pull again to go on, or " + byHand(model, store), e);
        }
    }

    private static RegisteredModel registered(String name) throws IOException {
        ModelRegistry registry = ModelRegistry.load();
        RegisteredModel model = registry.find(name)
                .orElseThrow(() -> new ModelException(
                        name,
                        null,
                        "there is no model of this name and no such file",
                        registry.nearest(name)
                                .map(nearest -> "Did you mean " + nearest + "?")
                                .orElse("'stego-kernels models list' shows the names.")));
        if (model.embedded()) {
            throw new UsageException(name + " comes with the program and has no file of its own: --model " + name);
        }
        return model;
    }

    private static ModelException gated(RegisteredModel model, ModelStore store) {
        return new ModelException(
                model.name(),
                null,
                "its authors give it only to those who accept its licence (" + model.licence() + ")",
                "Accept it at " + model.gate() + " and download " + model.fileName() + "; " + byHand(model, store));
    }

    private static String byHand(RegisteredModel model, ModelStore store) {
        Path published = store.published(model);
        return "put " + published.getFileName() + " into " + published.getParent() + " and pull then, or make "
                + store.path(model.name()) + " of it by 'stego-kernels convert'";
    }

    @Override
    public void says(String line) {
        close();
        console.err().println(name + ": " + Printable.line(line));
    }

    @Override
    public void progress(long done, long total) {
        if (bar == null) {
            bar = Progress.ofBytes(console, name, total);
        }
        bar.stepTo(done);
    }

    /** Takes the bar away, until there is something to show again. */
    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
