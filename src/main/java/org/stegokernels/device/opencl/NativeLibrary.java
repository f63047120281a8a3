package org.stegokernels.device.opencl;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.jocl.Sizeof;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.UserCache;

/**
 * JOCL's part in C. JOCL copies it out of its jar into the folder for temporary files, under a fixed name, and takes
 * whatever lies there already: on a machine with several users somebody else's file, and with two programs starting at
 * once half a file. So it is first put, whole, into the user's own cache, and JOCL is sent there.
 */
final class NativeLibrary {
    private static final String TEMPORARY_FOLDER = "java.io.tmpdir";
    private static final String VERSION = "JOCL_2_0_6";

    private NativeLibrary() {}

    /**
     * @param firstUse of a JOCL class, which loads the library
     * @throws LinkageError if this part or the OpenCL library itself can't be loaded
     */
    static void load(Runnable firstUse) {
        String usual = System.getProperty(TEMPORARY_FOLDER);
        try {
            Path folder = UserCache.folder().resolve("native");
            if (extract(folder)) {
                System.setProperty(TEMPORARY_FOLDER, folder.toString());
            }
            firstUse.run();
        } finally {
            System.setProperty(TEMPORARY_FOLDER, usual);
        }
    }

    /** Whether the library lies in the folder now, the same bytes as in the jar. */
    private static boolean extract(Path folder) {
        String name = fileName(System.getProperty("os.name"), System.getProperty("os.arch"));
        try (InputStream in = Sizeof.class.getResourceAsStream("/lib/" + name)) {
            if (in == null) {
                return false;
            }
            byte[] library = in.readAllBytes();
            Path target = folder.resolve(name);
            if (!Files.isRegularFile(target) || !Arrays.equals(Files.readAllBytes(target), library)) {
                Files.createDirectories(folder);
                AtomicFile.write(target, out -> out.write(library));
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** As JOCL names it. */
    static String fileName(String system, String architecture) {
        String os = system.toLowerCase(Locale.ROOT);
        String arch = architecture.equals("aarch64") || architecture.equals("arm64") ? "arm64" : "x86_64";
        if (os.startsWith("windows")) {
            return VERSION + "-windows-" + arch + ".dll";
        }
        return os.startsWith("mac")
                ? "lib" + VERSION + "-apple-" + arch + ".dylib"
                : "lib" + VERSION + "-linux-" + arch + ".so";
    }
}
