package org.stegokernels.device.tornado.sdk;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The TornadoVM SDK that the environment names. TornadoVM runs only in a virtual machine that was started with the
 * flags of its SDK, and only on the Java version it was made for; this class knows both without TornadoVM.
 */
public final class TornadoSdk {
    /** The only Java version for which these kernels are compiled. */
    static final int JAVA = 25;

    private static final String HOME = "TORNADOVM_HOME";
    private static final String MODULE = "tornado.api";
    private static final String MODULE_PATH = "--module-path";
    /**
     * Jars of the SDK that nothing in TornadoVM needs, and that would hide this program's own; the build has the same.
     */
    private static final String OTHERS = "(ejml|jmh|jopt)-.*\\.jar";

    private static final String INSTALL = "install TornadoVM 5.2 for JDK " + JAVA
            + " (sdk install tornadovm 5.2.0-jdk" + JAVA
            + "-opencl, or an archive from tornadovm.org/downloads) and set "
            + HOME + " to its folder";

    private TornadoSdk() {}

    /** Returns whether this virtual machine was started with the SDK's flags. */
    public static boolean running() {
        return ModuleLayer.boot().findModule(MODULE).isPresent();
    }

    /** Says what is missing for TornadoVM to run in a virtual machine started from this one; empty if nothing is. */
    public static String obstacle() {
        return obstacle(kernelsCompiled(), Runtime.version().feature(), System.getenv(HOME));
    }

    static String obstacle(boolean kernelsCompiled, int java, String home) {
        if (!kernelsCompiled) {
            return "this build has no TornadoVM kernels: build it with JDK " + JAVA + " where " + HOME + " is set";
        }
        if (java != JAVA) {
            return "it needs JDK " + JAVA + ", and this is " + java + ": start the program with JDK " + JAVA
                    + "'s java";
        }
        if (home == null || home.isBlank()) {
            return HOME + " is not set: " + INSTALL;
        }
        Path folder = Path.of(home);
        if (!Files.isRegularFile(argumentFile(folder))) {
            return HOME + " is " + home + ", where there is no "
                    + argumentFile(folder).getFileName() + ": " + INSTALL;
        }
        String[] jars =
                folder.resolve(Path.of("share", "java", "tornado")).toFile().list();
        if (jars == null || Arrays.stream(jars).noneMatch(jar -> jar.matches("tornado-api-.*-jdk" + JAVA + "\\.jar"))) {
            return HOME + " is " + home + ", which is not for JDK " + JAVA + ": " + INSTALL;
        }
        return "";
    }

    private static boolean kernelsCompiled() {
        return TornadoSdk.class.getResource("/" + TornadoDeviceProvider.RUNTIME.replace('.', '/') + ".class") != null;
    }

    /** Returns the expanded file if there is one, else the template it is made from: both say the same. */
    private static Path argumentFile(Path home) {
        Path expanded = home.resolve("tornado-argfile");
        Path template = home.resolve("tornado-argfile.template");
        return Files.isRegularFile(expanded) || !Files.isRegularFile(template) ? expanded : template;
    }

    /**
     * Returns the flags with which a virtual machine has to be started.
     *
     * @throws IOException if the SDK's file of them can't be read
     */
    public static List<String> flags() throws IOException {
        Path home = Path.of(System.getenv(HOME));
        return flags(Files.readString(argumentFile(home)), home.toString());
    }

    /**
     * Returns the words of an argument file, but for the choice of a garbage collector, which is left to who starts the
     * virtual machine, and for two things on the module path, whose classes come before those of the class path. {@code
     * .} is left out, or else every jar in the working directory would become a module; so are the libraries of the
     * SDK's own tests and benchmarks that this program has in other versions.
     */
    static List<String> flags(String argumentFile, String home) {
        List<String> flags = new ArrayList<>();
        argumentFile
                .lines()
                .filter(line -> !line.isBlank() && !line.strip().startsWith("#"))
                .flatMap(line -> Arrays.stream(line.strip().split("\\s+")))
                .map(word -> word.replace("${" + HOME + "}", home))
                .filter(word -> !word.matches("-XX:\\+Use\\w+GC"))
                .forEach(word -> flags.add(follows(flags, MODULE_PATH) ? modulePath(word) : word));
        return flags;
    }

    private static boolean follows(List<String> flags, String flag) {
        return !flags.isEmpty() && flags.get(flags.size() - 1).equals(flag);
    }

    private static String modulePath(String path) {
        return Arrays.stream(path.split(File.pathSeparator))
                .filter(entry -> !entry.equals("."))
                .flatMap(TornadoSdk::modules)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Stream<String> modules(String entry) {
        File[] files = new File(entry).listFiles(file -> !file.getName().matches(OTHERS));
        return files == null
                ? Stream.of(entry)
                : Arrays.stream(files).map(File::getPath).sorted();
    }
}
