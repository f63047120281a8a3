package org.stegokernels.cli;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line that this process was started with.
 *
 * @param flags those of the virtual machine, and {@code -jar} or the main class
 * @param arguments those of the program; none if a file of flags brought them
 */
record OwnCommandLine(List<String> flags, List<String> arguments) {
    private static final List<String> VARIABLES = List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");
    /** Flags that open a port, which a second process can't have, too. */
    private static final List<String> CLAIMING = List.of(
            "-agentlib:jdwp", "-Xrunjdwp", "-Dcom.sun.management.jmxremote.port=", "-Dcom.sun.management.config.file=");

    static OwnCommandLine of(String[] args) throws IOException {
        List<String> arguments = List.of(args);
        List<String> flags;
        try {
            List<String> all = read("self");
            if (all.size() == 1 + args.length) {
                // Not java, but a launcher that has its flags from a file, as jpackage makes them.
                return new OwnCommandLine(ofVirtualMachine(), arguments);
            }
            int split = Math.max(0, all.size() - args.length);
            if (!all.subList(split, all.size()).equals(arguments)) {
                return new OwnCommandLine(all.subList(1, all.size()), List.of());
            }
            flags = all.subList(1, split);
        } catch (IOException notOnLinux) {
            flags = ofVirtualMachine();
        }
        return new OwnCommandLine(flags, arguments);
    }

    private static List<String> ofVirtualMachine() {
        List<String> flags =
                new ArrayList<>(ManagementFactory.getRuntimeMXBean().getInputArguments());
        String classPath = System.getProperty("java.class.path");
        if (System.getProperty("sun.java.command", "").startsWith(classPath)) {
            flags.addAll(List.of("-jar", classPath));
        } else {
            flags.addAll(List.of("-cp", classPath, Main.class.getName()));
        }
        return flags;
    }

    /**
     * Returns the command line of a process on Linux, its program first, as this process would decode it.
     *
     * @param process its id
     * @throws IOException if there is no such process, or it is another one's
     */
    static List<String> read(String process) throws IOException {
        try (InputStream in = new FileInputStream("/proc/".concat(process).concat("/cmdline"))) {
            String[] parts = new String(in.readAllBytes(), charset()).split("\0", -1);
            return List.of(parts).subList(0, parts.length - 1);
        }
    }

    private static Charset charset() {
        return Charset.forName(System.getProperty("sun.jnu.encoding"));
    }

    /** Returns true if the locale knows no letters beyond ASCII, so that most names of files can't be said. */
    static boolean asciiLocale() {
        return charset().equals(StandardCharsets.US_ASCII);
    }

    /** Returns true if not all of these would reach another process as they are. */
    static boolean hasLettersBeyondAscii(List<String> parts) {
        for (String part : parts) {
            for (int i = 0; i < part.length(); i++) {
                if (part.charAt(i) > 0x7F) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Returns the flag that claims something which only one process can have, or null. */
    String claim() {
        for (String flag : allFlags()) {
            for (String claiming : CLAIMING) {
                if (flag.startsWith(claiming)) {
                    return flag;
                }
            }
        }
        return null;
    }

    /** Returns true if a garbage collector is chosen: a second such flag is a fatal error for the virtual machine. */
    boolean choosesCollector() {
        for (String flag : allFlags()) {
            if (flag.startsWith("-XX:+Use") && flag.endsWith("GC")) {
                return true;
            }
        }
        return false;
    }

    /** Returns the flags, and those that the virtual machine takes from the environment and from files of flags. */
    private List<String> allFlags() {
        List<String> all = new ArrayList<>(flags);
        for (String variable : VARIABLES) {
            String value = System.getenv(variable);
            if (value != null) {
                all.addAll(List.of(value.strip().split("\\s+")));
            }
        }
        for (String flag : flags) {
            if (flag.startsWith("@") || flag.startsWith("-XX:Flags=") || flag.startsWith("-XX:VMOptionsFile=")) {
                all.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
            }
        }
        return all;
    }
}
