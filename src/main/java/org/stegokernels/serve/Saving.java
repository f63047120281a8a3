package org.stegokernels.serve;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.stegokernels.export.ExportFormat;
import org.stegokernels.export.ExportFormat.Category;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.export.Format;
import org.stegokernels.image.RgbImage;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.InnerPath;
import org.stegokernels.stego.ModelFile;
import org.stegokernels.stego.PatchStore.Patches;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import org.stegokernels.text.Printable;

/**
 * Writes what a person asks for into the folder that was given for it, and nowhere else: the model, and the labels of all
 * photographs in the formats of other tools. Each file is written whole or not at all, and no file of others is replaced.
 */
final class Saving {
    private static final String ENDING = ".safetensors";
    private static final int LONGEST_NAME = 120;
    private static final String EXPORTS = "masks";
    /** Formats that lie beside each other, as those of {@code segment} do; all others have folders of their own. */
    private static final Set<Format> BESIDE = EnumSet.of(Format.PNG, Format.CONFIDENCE, Format.OBJECTS);

    private static final float MAX_16_BITS = 0xFFFF;

    private final Stego base;
    private final Segmenter.Options options;
    private final Path folder;
    private final Photographs photographs;
    private final Turns turns;
    /** Files that were written here, and may be replaced. */
    private final Set<Path> written = new HashSet<>();

    /**
     * The results of an export.
     *
     * @param folder of the files
     * @param files that were written
     * @param failures photographs that are missing, with the reason
     */
    record Exported(Path folder, int files, List<String> failures) {}

    /** @param folder the only one that is written to; made by the first file */
    Saving(Stego base, Segmenter.Options options, Path folder, Photographs photographs, Turns turns) {
        this.base = base;
        this.options = options;
        this.folder = folder;
        this.photographs = photographs;
        this.turns = turns;
    }

    /** Returns the formats that need nothing but the board. */
    static List<String> formats() {
        return Format.titles().stream()
                .filter(title -> !title.equals(Format.CUTOUT.title()))
                .toList();
    }

    /**
     * Writes the model to a file of the folder.
     *
     * @param name of the file, ending in {@code .safetensors}
     * @throws Problem 409 if there is a file of this name that is not from here, 422 if it can't be a name
     */
    synchronized Path save(ClassBoard board, String name) throws IOException {
        String problem = nameProblem(name);
        if (problem != null) {
            throw new Problem(422, "The name of the model's file " + problem + ".");
        }
        FileErrors.makeFolder(folder);
        Path file = InnerPath.of(folder, name);
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !written.contains(file)) {
            throw new Problem(409, "There is a file " + name + " in " + folder + " already. Choose another name.");
        }
        AtomicFile.write(file, out -> write(board, () -> out));
        written.add(file);
        return file;
    }

    private static String nameProblem(String name) {
        if (!name.endsWith(ENDING) || name.length() == ENDING.length()) {
            return "has to end in " + ENDING;
        }
        if (name.length() > LONGEST_NAME) {
            return "is longer than " + LONGEST_NAME + " characters";
        }
        if (name.startsWith(".") || name.chars().anyMatch(c -> c == '/' || c == '\\' || c == ':')) {
            return "must be one of a file in the folder, without a folder of its own";
        }
        return name.chars().anyMatch(Printable::acts) || !InnerPath.isInner(name) ? "has characters of no name" : null;
    }

    /** Something that is written to, once it is clear that there is something to write. */
    @FunctionalInterface
    interface Opening {
        OutputStream open() throws IOException;
    }

    /**
     * Writes the model to a stream, which stays open.
     *
     * @throws Problem 409 if there are no classes yet
     */
    void write(ClassBoard board, Opening opening) throws IOException {
        try (Stego model = model(board)) {
            ModelFile.of(model, model.info()).writeTo(opening.open());
        }
    }

    /** @throws Problem 409 if there are no classes yet */
    private Stego model(ClassBoard board) throws IOException {
        if (board.candidates() == null) {
            throw new Problem(409, "There are no classes yet.");
        }
        return turns.now(() -> board.candidates().in(base, options.size(), board.info()));
    }

    /**
     * Writes the labels of all photographs, as {@code segment} with the saved model would, into a new folder.
     *
     * @param titles of formats
     * @param model its name, for tools that show it
     * @throws Problem 422 if there is no such format, or the classes don't go with it
     */
    synchronized Exported export(ClassBoard board, List<String> titles, String model) throws IOException {
        Set<Format> formats = EnumSet.noneOf(Format.class);
        for (String title : titles) {
            if (!formats().contains(title)) {
                throw new Problem(
                        422,
                        "There is no format " + Printable.quoted(title) + " here; there are "
                                + String.join(", ", formats()) + ".");
            }
            formats.add(Format.of(title));
        }
        if (formats.isEmpty()) {
            throw new Problem(422, "An export needs a format.");
        }
        try (Stego classes = model(board);
                Segmenter segmenter = Segmenter.of(
                        classes,
                        options.withProbe(board.candidates().probe())
                                .withConfidence(formats.contains(Format.CONFIDENCE)))) {
            Path target = newFolder();
            try (Writer writer = Writer.open(target, formats, segmenter.classes(), model)) {
                List<String> failures = new ArrayList<>();
                for (Photograph photograph : photographs.all()) {
                    String failure = add(photograph, segmenter, writer);
                    if (failure != null) {
                        failures.add(photograph.name() + ": " + failure);
                    }
                }
                writer.finish();
                return new Exported(target, writer.files, failures);
            }
        }
    }

    private Path newFolder() throws IOException {
        FileErrors.makeFolder(folder);
        for (int number = 1; ; number++) {
            Path made = InnerPath.of(folder, number == 1 ? EXPORTS : EXPORTS + "-" + number);
            try {
                return Files.createDirectory(made);
            } catch (FileAlreadyExistsException e) {
                // The next number.
            }
        }
    }

    /** Returns the reason if it fails. */
    private String add(Photograph photograph, Segmenter segmenter, Writer writer) throws IOException {
        try {
            Patches codes = photographs.codes(photograph);
            RgbImage image = photographs.read(photograph);
            Segmentation result = turns.now(() -> segmenter.segment(image, codes));
            writer.add(photograph, result);
            return null;
        } catch (IOException e) {
            if (FileErrors.isDiskFull(e)) {
                throw e;
            }
            return FileErrors.text(e);
        } catch (RuntimeException e) {
            return e.getMessage();
        }
    }

    /** The formats of one export. */
    private static final class Writer implements Closeable {
        private final Map<Format, ExportFormat> open = new EnumMap<>(Format.class);
        private int files;

        static Writer open(Path folder, Set<Format> formats, List<Segmentation.ClassInfo> classes, String model)
                throws IOException {
            Writer writer = new Writer();
            try {
                writer.begin(folder, formats, classes, model);
                return writer;
            } catch (IllegalArgumentException | IOException e) {
                writer.close();
                // Nothing is in it that is worth a folder.
                deleteEmpty(folder);
                if (e instanceof IllegalArgumentException) {
                    throw new Problem(422, e.getMessage());
                }
                throw e;
            }
        }

        private static void deleteEmpty(Path folder) throws IOException {
            try {
                Files.delete(folder);
            } catch (DirectoryNotEmptyException e) {
                // Something is there after all.
            }
        }

        private void begin(Path folder, Set<Format> formats, List<Segmentation.ClassInfo> classes, String model)
                throws IOException {
            List<Category> categories = classes.stream()
                    .map(each -> new Category(each.id(), each.name(), each.rgb()))
                    .toList();
            ExportFormat.Settings settings =
                    ExportFormat.Settings.of(categories).withModel(model);
            AtomicFile.Target target = (file, content) -> {
                AtomicFile.write(file, content);
                files++;
            };
            for (Format format : formats) {
                Path own = BESIDE.contains(format) ? folder : folder.resolve(format.title());
                open.put(format, format.open(own, target, settings));
            }
        }

        void add(Photograph photograph, Segmentation result) throws IOException {
            Picture picture = new Picture(photograph.stem(), photograph.file(), result.labels());
            if (result.confidence() != null) {
                float[] confidence = result.confidence().clone();
                for (int i = 0; i < confidence.length; i++) {
                    confidence[i] = Math.round(confidence[i] * MAX_16_BITS) / MAX_16_BITS;
                }
                picture.withConfidence(confidence);
            }
            for (ExportFormat format : open.values()) {
                format.add(picture);
            }
        }

        void finish() throws IOException {
            for (ExportFormat format : open.values()) {
                format.finish();
            }
        }

        @Override
        public void close() throws IOException {
            for (ExportFormat format : open.values()) {
                format.close();
            }
        }
    }
}
