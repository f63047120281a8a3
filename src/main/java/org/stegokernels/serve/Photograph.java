package org.stegokernels.serve;

import java.io.IOException;
import java.nio.file.Path;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.RgbImage;
import org.stegokernels.text.JsonWriter;

/** A photograph on the board. Its pixels and codes lie in the {@link Scratch} file. */
final class Photograph {
    private final int id;
    private final String name;
    private final String stem;
    private final Source source;
    private volatile Encoded encoded;
    private volatile String error;
    /** The generation of the refined labels that are there; -1 if none are. */
    private volatile int refined = -1;

    /** The place that a photograph is read from: a file, or what was uploaded. */
    @FunctionalInterface
    interface Source {
        /** @throws org.stegokernels.image.ImageException if it can't be read */
        RgbImage read(ImageReader.Limits limits) throws IOException;
    }

    /**
     * The results of the encoder.
     *
     * @param width of the photograph in pixels
     * @param height of the photograph
     * @param workingWidth of what the model sees, in pixels
     * @param workingHeight of what the model sees
     * @param rows of patches
     * @param columns of patches
     * @param pixels of what the model sees, as {@link RgbImage#rgb}
     * @param codes {@code [rows, columns, C]}, averaged with those of the mirror image if the options say so
     * @param features of the backbone as float16, {@code [rows, columns, K]}; null if they are the codes
     */
    record Encoded(
            int width,
            int height,
            int workingWidth,
            int workingHeight,
            int rows,
            int columns,
            Scratch.Piece pixels,
            Scratch.Piece codes,
            Scratch.Piece features) {
        int patches() {
            return rows * columns;
        }
    }

    /**
     * @param name to show, a path with slashes
     * @param stem of its results' names: the same without an ending, and no other photograph's
     */
    Photograph(int id, String name, String stem, Source source) {
        this.id = id;
        this.name = name;
        this.stem = stem;
        this.source = source;
    }

    int id() {
        return id;
    }

    String name() {
        return name;
    }

    String stem() {
        return stem;
    }

    /** Returns the name of the photograph's file as exporters write it: its stem, with the ending. */
    String file() {
        Path file = Path.of(name).getFileName();
        int slash = stem.lastIndexOf('/');
        return stem.substring(0, slash + 1) + file;
    }

    RgbImage read(ImageReader.Limits limits) throws IOException {
        return source.read(limits);
    }

    /** Returns the results of the encoder; null while there are none. */
    Encoded encoded() {
        return encoded;
    }

    /**
     * Returns the results of the encoder.
     *
     * @throws Problem 409 if there are none
     */
    Encoded ready() {
        Encoded known = encoded;
        if (known == null) {
            throw new Problem(
                    409, error == null ? name + " is still waiting to be read." : name + " can't be read: " + error);
        }
        return known;
    }

    void encoded(Encoded result) {
        encoded = result;
    }

    void failed(String reason) {
        error = reason;
    }

    boolean isWaiting() {
        return encoded == null && error == null;
    }

    String error() {
        return error;
    }

    int refined() {
        return refined;
    }

    void refined(int generation) {
        refined = generation;
    }

    /** Writes the fields of the object that the page knows it by. */
    void write(JsonWriter json) throws IOException {
        Encoded known = encoded;
        json.field("id", id);
        json.field("name", name);
        json.field("width", known == null ? 0 : known.width());
        json.field("height", known == null ? 0 : known.height());
        json.field("workingWidth", known == null ? 0 : known.workingWidth());
        json.field("workingHeight", known == null ? 0 : known.workingHeight());
        json.field("rows", known == null ? 0 : known.rows());
        json.field("columns", known == null ? 0 : known.columns());
        json.field("state", known != null ? "ready" : error == null ? "waiting" : "failed");
        json.field("error", (Object) error);
        json.field("refined", refined);
    }
}
