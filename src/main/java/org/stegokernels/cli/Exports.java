package org.stegokernels.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.stegokernels.export.ExportFormat;
import org.stegokernels.export.ExportFormat.Category;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.export.ExportFormat.Settings;
import org.stegokernels.export.Format;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.FileErrors;
import org.stegokernels.stego.Segmentation.ClassInfo;

/** Results in some formats, on their way into the folder of the results. For use by one thread at a time. */
final class Exports implements Closeable {
    /** Formats that stand beside the pictures to look at; all others have folders of their own. */
    private static final Set<Format> BESIDE = EnumSet.of(Format.PNG, Format.CONFIDENCE, Format.OBJECTS);

    private final Map<Format, ExportFormat> open = new EnumMap<>(Format.class);
    /** Formats that have a picture whose other ones failed, by its name: it may come again. */
    private final Map<String, Set<Format>> written = new HashMap<>();

    private Exports() {}

    /**
     * Opens formats.
     *
     * @param model its name, for tools that show it
     * @throws UsageException if the classes don't go with a format
     */
    static Exports open(
            Set<Format> formats, ResultFolder results, Path folder, List<ClassInfo> classes, int cutout, String model)
            throws IOException {
        List<Category> categories = classes.stream()
                .map(each -> new Category(each.id(), each.name(), each.rgb()))
                .toList();
        Settings settings = Settings.of(categories).withCutout(cutout).withModel(model);
        AtomicFile.Target files = (file, content) -> {
            try {
                results.require(file);
            } catch (UsageException e) {
                throw new IOException(e.getMessage(), e);
            }
            results.write(file, content);
        };
        Exports exports = new Exports();
        try {
            for (Format format : formats) {
                Path own = BESIDE.contains(format) ? folder : folder.resolve(format.title());
                exports.open.put(format, format.open(own, files, settings));
            }
            return exports;
        } catch (IllegalArgumentException e) {
            exports.close();
            throw new UsageException("--format: " + e.getMessage());
        } catch (IOException | RuntimeException e) {
            exports.close();
            throw e;
        }
    }

    /**
     * Makes sure that no picture's files come between those of a format.
     *
     * @param stems names of results in the folder
     * @throws UsageException if they would
     */
    static void requireApart(Set<Format> formats, Path folder, List<Path> stems) {
        for (Path stem : stems) {
            Path name = folder.relativize(stem);
            for (Format format : formats) {
                if (name.getNameCount() > 1
                        && !BESIDE.contains(format)
                        && name.getName(0).toString().equalsIgnoreCase(format.title())) {
                    throw new UsageException("the results of --format " + format.title() + " and those of " + name
                            + " would lie in one folder: rename that of the photographs");
                }
            }
        }
    }

    boolean isEmpty() {
        return open.isEmpty();
    }

    /**
     * Writes the files of one picture in all formats, whichever of them fail.
     *
     * @throws IOException if one failed; the message says which file
     * @throws OutOfMemoryError if memory does not suffice for one
     */
    void add(Picture picture) throws IOException {
        Set<Format> done = written.getOrDefault(picture.name(), EnumSet.noneOf(Format.class));
        IOException failure = null;
        OutOfMemoryError shortage = null;
        try {
            for (Map.Entry<Format, ExportFormat> format : open.entrySet()) {
                try {
                    if (!done.contains(format.getKey())) {
                        format.getValue().add(picture);
                        done.add(format.getKey());
                    }
                } catch (IOException e) {
                    failure = first(failure, e);
                } catch (OutOfMemoryError e) {
                    shortage = e;
                }
            }
        } finally {
            written.put(picture.name(), done);
        }
        if (shortage != null) {
            throw shortage;
        }
        if (failure != null) {
            throw failure;
        }
        written.remove(picture.name());
    }

    /**
     * Writes the files that all pictures share, whichever of them fail.
     *
     * @throws IOException if one failed; the message says which file
     */
    void finish() throws IOException {
        IOException failure = null;
        for (ExportFormat format : open.values()) {
            try {
                format.finish();
            } catch (IOException e) {
                failure = first(failure, e);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** @throws IOException if the disk is full, since no other file would fare better */
    private static IOException first(IOException before, IOException failure) throws IOException {
        if (FileErrors.isDiskFull(failure)) {
            throw failure;
        }
        return before == null ? failure : before;
    }

    @Override
    public void close() {
        for (ExportFormat format : open.values()) {
            try {
                format.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
