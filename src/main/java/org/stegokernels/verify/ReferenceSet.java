package org.stegokernels.verify;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.stegokernels.weights.Safetensors;

/** A folder of reference vectors: on disk, or the one in the jar. */
final class ReferenceSet implements AutoCloseable {
    private static final String EMBEDDED = "/org/stegokernels/reference";
    private static final String SUFFIX = ".safetensors";

    private final Path folder;
    private final FileSystem jar;

    private ReferenceSet(Path folder, FileSystem jar) {
        this.folder = folder;
        this.jar = jar;
    }

    /** Returns the vectors in {@code folder}, or those that came with the program if it is null. */
    static ReferenceSet open(Path folder) throws IOException {
        return folder == null ? embedded() : new ReferenceSet(folder, null);
    }

    private static ReferenceSet embedded() throws IOException {
        URL url = ReferenceSet.class.getResource(EMBEDDED);
        if (url == null) {
            throw new FileNotFoundException("no reference vectors in this build; name a folder of them");
        }
        try {
            URI uri = url.toURI();
            if (!uri.getScheme().equals("jar")) {
                return new ReferenceSet(Path.of(uri), null);
            }
            FileSystem jar = FileSystems.newFileSystem(uri, Map.of());
            return new ReferenceSet(jar.getPath(EMBEDDED), jar);
        } catch (URISyntaxException | FileSystemAlreadyExistsException e) {
            throw new IOException("can't list the reference vectors at " + url + ": " + e.getMessage(), e);
        }
    }

    /** Returns the names of all files there, without their ending, sorted. Empty if there is no such folder. */
    List<String> names() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(SUFFIX))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                    .sorted()
                    .toList();
        }
    }

    /**
     * Opens one file.
     *
     * @throws FileNotFoundException if it is absent
     * @throws org.stegokernels.weights.ModelException if it is damaged
     */
    ReferenceFile file(String name) throws IOException {
        Path path = folder.resolve(name + SUFFIX);
        if (!Files.isRegularFile(path)) {
            throw new FileNotFoundException(path + " is absent");
        }
        // A file inside a jar can't be mapped into memory.
        Safetensors tensors = jar == null
                ? Safetensors.open(path)
                : Safetensors.of(path.toString(), ByteBuffer.wrap(Files.readAllBytes(path)));
        return new ReferenceFile(name, tensors);
    }

    @Override
    public void close() throws IOException {
        if (jar != null) {
            jar.close();
        }
    }
}
