package org.stegokernels.device.opencl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.Sha256;

/**
 * Compiled programs in the user's cache folder, each after its own digest: a driver given a damaged binary may do
 * anything. A file that can't be read, is damaged or can't be written is as good as absent.
 */
final class BinaryCache {
    private static final System.Logger LOG = System.getLogger(BinaryCache.class.getName());

    private final Path folder;

    BinaryCache(Path folder) {
        this.folder = folder;
    }

    private Path path(String key) {
        return folder.resolve(key + ".bin");
    }

    /** Returns null if there is none. */
    byte[] load(String key) {
        try {
            if (!Files.isRegularFile(path(key))) {
                return null;
            }
            byte[] file = Files.readAllBytes(path(key));
            if (file.length <= Sha256.BYTES) {
                return null;
            }
            byte[] binary = Arrays.copyOfRange(file, Sha256.BYTES, file.length);
            boolean intact = Arrays.equals(Sha256.of(binary), Arrays.copyOf(file, Sha256.BYTES));
            return intact ? binary : null;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a compiled kernel could not be read", e);
            return null;
        }
    }

    void store(String key, byte[] binary) {
        try {
            Files.createDirectories(folder);
            AtomicFile.write(path(key), out -> {
                out.write(Sha256.of(binary));
                out.write(binary);
            });
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a compiled kernel could not be kept", e);
        }
    }
}
