package org.stegokernels.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.stegokernels.image.ImageReader;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.RegularFile;
import picocli.CommandLine.Option;

/**
 * A folder that a command writes results to, where they replace nothing but results of earlier runs. A hidden file in it
 * has a line for each of these, with a check value of its content: what is not recorded, or was changed since, is a file
 * of others. A line is written before its file appears, so that a killed run leaves none unrecorded. {@link #write}
 * may be called from any thread.
 */
final class ResultFolder {
    static final String RECORD = ".stego-kernels.results";

    private final Path folder;
    private final String purpose;
    private final String remedy;
    private final Overwriting overwriting;
    private final Set<String> lines = ConcurrentHashMap.newKeySet();

    private ResultFolder(Path folder, String purpose, String remedy, Overwriting overwriting) {
        this.folder = folder.toAbsolutePath();
        this.purpose = purpose;
        this.remedy = remedy;
        this.overwriting = overwriting;
    }

    /**
     * Returns the folder that {@code --out} names, with what is recorded in it; it need not exist yet.
     *
     * @param purpose results replace those of equal purpose only
     * @throws IOException if the record can't be read; the message says what to do
     */
    static ResultFolder of(Path folder, String purpose, Overwriting overwriting) throws IOException {
        return new ResultFolder(folder, purpose, "choose another folder for --out", overwriting).read();
    }

    /** As {@link #of}, for a single result, which is checked at once: see {@link #require}. */
    static ResultFolder ofFile(Path file, String purpose, Overwriting overwriting) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        ResultFolder results = new ResultFolder(folder, purpose, "choose another name", overwriting).read();
        results.require(file);
        return results;
    }

    private ResultFolder read() throws IOException {
        try (InputStream in = Files.newInputStream(RegularFile.require(record()), LinkOption.NOFOLLOW_LINKS)) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(lines::add);
        } catch (NoSuchFileException e) {
            // No run has written there yet.
        } catch (IOException e) {
            if (Files.isDirectory(folder)) {
                throw new IOException(
                        record() + ", the record of earlier results, can't be read: " + FileErrors.text(e)
                                + "; delete it",
                        e);
            }
        }
        return this;
    }

    private Path record() {
        return folder.resolve(RECORD);
    }

    /**
     * Makes the folder and proves that it can be written to, before anything is computed.
     *
     * @throws IOException if it can't; the message says why
     */
    void prepare() throws IOException {
        Outputs.prepare(folder);
    }

    /**
     * Makes sure, before anything is computed, that a result replaces nothing but one of its own kind.
     *
     * @throws UsageException if it would replace a file of others
     * @throws IOException if the file can't be written, whatever is in it: its name is too long, or that of a folder
     */
    void require(Path result) throws IOException {
        BasicFileAttributes there;
        try {
            there = Files.readAttributes(result, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw FileErrors.writing(result, e);
        }
        AtomicFile.requireReplaceable(result);
        if (!overwriting.allowed() && !(there.isRegularFile() && isRecorded(result))) {
            String kind = ImageReader.hasImageExtension(result) ? "photograph " : "file ";
            throw new UsageException("a result would overwrite the " + kind + result
                    + ", which is no result of an earlier run: " + remedy + ", or add --overwrite");
        }
    }

    /** Returns whether a result is there as an earlier run has written it. */
    boolean has(Path result) {
        return Files.isRegularFile(result, LinkOption.NOFOLLOW_LINKS) && isRecorded(result);
    }

    private boolean isRecorded(Path file) {
        CRC32 crc = started(file);
        try (InputStream in = new CheckedInputStream(Files.newInputStream(file), crc)) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            return false;
        }
        return lines.contains(line(file, crc));
    }

    /** Writes a result, whole or not at all, and records it. */
    void write(Path result, AtomicFile.Writer writer) throws IOException {
        AtomicFile.write(result, out -> {
            CRC32 crc = started(result);
            writer.write(new CheckedOutputStream(out, crc));
            record(line(result, crc));
        });
    }

    private void record(String line) throws IOException {
        if (lines.add(line)) {
            Files.writeString(
                    record(),
                    line + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND,
                    LinkOption.NOFOLLOW_LINKS);
        }
    }

    private CRC32 started(Path result) {
        CRC32 crc = new CRC32();
        crc.update((purpose + "\n" + name(result) + "\n").getBytes(StandardCharsets.UTF_8));
        return crc;
    }

    private String line(Path result, CRC32 crc) {
        return HexFormat.of().toHexDigits((int) crc.getValue()) + " " + name(result);
    }

    /** Returns the path below the folder in one line. */
    private String name(Path result) {
        return folder.relativize(result.toAbsolutePath())
                .toString()
                .replace('\n', '?')
                .replace('\r', '?');
    }

    /** The option that allows to replace files of others. */
    static final class Overwriting {
        @Option(
                names = "--overwrite",
                order = 24,
                description = "Replace files that are no results of earlier runs, too; never a photograph of this run.")
        private boolean allowed;

        boolean allowed() {
            return allowed;
        }
    }
}
