package org.stegokernels.device.opencl;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.stegokernels.io.AtomicFile;
import org.stegokernels.io.FileErrors;
import org.stegokernels.io.Sha256;
import org.stegokernels.io.UserCache;

/** The result of tuning a device, a properties file in the user's cache folder. */
final class TuningFile {
    private static final System.Logger LOG = System.getLogger(TuningFile.class.getName());
    private static final int NAME_LENGTH = 16;

    private TuningFile() {}

    static Path path(Limits limits) {
        String device = Sha256.hex(limits.identity());
        return UserCache.folder()
                .resolve("opencl")
                .resolve("tuning-" + device.substring(0, NAME_LENGTH) + ".properties");
    }

    /** Returns the values found for the device, or else the table's: so also if the file is damaged. */
    static Tuning load(Limits limits) {
        return load(path(limits), Tuning.of(limits));
    }

    static Tuning load(Path file, Tuning base) {
        if (!Files.isRegularFile(file)) {
            return base;
        }
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
            Map<String, Integer> numbers = new HashMap<>();
            for (String name : properties.stringPropertyNames()) {
                if (base.numbers().containsKey(name)) {
                    numbers.put(
                            name, Integer.valueOf(properties.getProperty(name).strip()));
                }
            }
            return base.with(numbers);
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(System.Logger.Level.WARNING, file + " is damaged and not used; 'tune' makes a new one");
            return base;
        }
    }

    /** @throws IOException if the cache folder can't be written */
    static void store(Path file, Tuning tuning) throws IOException {
        FileErrors.makeFolder(file.getParent());
        Properties properties = new Properties();
        tuning.numbers().forEach((name, number) -> properties.setProperty(name, number.toString()));
        AtomicFile.write(file, out -> properties.store(out, "found by tune"));
    }
}
