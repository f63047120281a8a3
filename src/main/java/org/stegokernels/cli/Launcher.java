package org.stegokernels.cli;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.module.ModuleFinder;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.tornado.sdk.TornadoSdk;

/**
 * Starts the program again with the flags that a jar can't ask for. The Vector API is an incubator module, which the
 * virtual machine takes in only by {@code --add-modules}; started with plain {@code java -jar}, the program runs itself
 * as a child process with that flag, lends it its console, and passes signals and the exit code through.
 *
 * <p>It does not when nothing will be computed, when the module is there already ({@code java --add-modules
 * jdk.incubator.vector -jar ...}), when this Java runtime has no such module, or when {@code -Dstego.relaunch=false}
 * forbids it.
 *
 * <p>The same goes for TornadoVM, with the flags of its SDK, where {@code --device tornado} asks for it, or {@code info}
 * has to list its devices.
 */
final class Launcher {
    static final String VECTOR_MODULE = "jdk.incubator.vector";

    /** Absent: start again if needed. {@code false}: never. {@code done}: this is the child. */
    private static final String SWITCH = "stego.relaunch";

    private static final String DONE = "done";
    private static final String TORNADO = "tornado";
    private static final String PRELOAD = "LD_PRELOAD";
    private static final List<String> WITHOUT_KERNELS =
            List.of(ModelsCommand.NAME, ConvertCommand.NAME, CropCommand.NAME);
    private static final List<String> TEXTS = List.of("-h", "--help", "-V", "--version");
    private static final File OWN_COMMAND_LINE = new File("/proc/self/cmdline");

    private Launcher() {}

    /** Whether this process should do nothing but {@link #launch}. */
    static boolean needed(String[] args) {
        return System.getProperty(SWITCH) == null
                && startedAsProgram()
                && computes(args)
                && (!vectorModuleLoaded() && vectorModuleExists() || tornadoNeeded(args));
    }

    /** Whether a command needs kernels: a guess, made before the command line is parsed. */
    static boolean computes(String[] args) {
        return args.length > 0 && !WITHOUT_KERNELS.contains(args[0]) && Collections.disjoint(List.of(args), TEXTS);
    }

    /** Whether TornadoVM is asked for and could run, but not in this process. */
    private static boolean tornadoNeeded(String[] args) {
        return asksForTornado(args)
                && !TornadoSdk.running()
                && TornadoSdk.obstacle().isEmpty();
    }

    /** A guess, too. */
    private static boolean asksForTornado(String[] args) {
        for (int i = 0; i < args.length; i++) {
            boolean device = args[i].startsWith("--device=" + TORNADO)
                    || args[i].equals("--device") && i + 1 < args.length && args[i + 1].startsWith(TORNADO);
            if (device || i == 0 && args[i].equals(InfoCommand.NAME)) {
                return true;
            }
        }
        return false;
    }

    static boolean vectorModuleLoaded() {
        return ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
    }

    private static boolean vectorModuleExists() {
        return ModuleFinder.ofSystem().find(VECTOR_MODULE).isPresent();
    }

    /** Whether this process has the Vector API, and if not, why: {@code info} and the log show it. */
    static String vectorModule() {
        if (vectorModuleLoaded()) {
            return "loaded";
        }
        return vectorModuleExists()
                ? "not loaded: start java with --add-modules " + VECTOR_MODULE
                : "not in this Java runtime: use a full JDK, or put " + VECTOR_MODULE + " into the jlink image";
    }

    /** Someone else's program that calls {@link Main#main} must not be started twice. */
    private static boolean startedAsProgram() {
        String command = System.getProperty("sun.java.command", "");
        String classPath = System.getProperty("java.class.path");
        return command.startsWith(Main.class.getName())
                || (command.startsWith(classPath) && classPath.endsWith(".jar"));
    }

    /** Runs the child and returns its exit code, 128 + n if signal n killed it. */
    static int launch(String[] args) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command(args)).inheritIO();
            keepSignals(builder.environment());
            Process child = builder.start();
            endWithThisProcess(child);
            return child.waitFor();
        } catch (IOException e) {
            System.err.println("error: can't start " + javaBinary() + ": " + e.getMessage()
                    + ". Start it yourself: java --add-modules " + VECTOR_MODULE + " -jar ...");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return ExitCode.FAILED;
    }

    /**
     * Ctrl-C reaches both processes, but SIGTERM and SIGHUP often only this one: hand them on, and stay until the child
     * has cleaned up. The exit code is then this process's own, 128 + the signal.
     */
    private static void endWithThisProcess(Process child) {
        // An anonymous class: the first lambda of a process costs several milliseconds.
        Thread stop = new Thread() {
            @Override
            public void run() {
                child.destroy();
                child.onExit().join();
            }
        };
        try {
            Runtime.getRuntime().addShutdownHook(stop);
        } catch (IllegalStateException alreadyShuttingDown) {
            stop.run();
        }
    }

    /**
     * In the child: ends it when the parent is gone. A killed parent could not hand anything on, and nobody waits for
     * the results any more.
     */
    static void endWithParent() {
        if (DONE.equals(System.getProperty(SWITCH))) {
            Thread watch = new Thread(Launcher::awaitParent, "parent-watch");
            watch.setDaemon(true);
            watch.start();
        }
    }

    private static void awaitParent() {
        ProcessHandle.current().parent().ifPresent(parent -> {
            parent.onExit().join();
            System.exit(ExitCode.FAILED);
        });
    }

    private static List<String> command(String[] args) throws IOException {
        List<String> given = ownCommandLine(args);
        List<String> command = new ArrayList<>();
        command.add(javaBinary());
        if (tornadoNeeded(args)) {
            command.addAll(TornadoSdk.flags());
        }
        command.add("--add-modules");
        command.add(VECTOR_MODULE);
        command.add("-D".concat(SWITCH).concat("=").concat(DONE));
        command.addAll(CompilerFlags.list());
        if (!choosesCollector(given)) {
            // Starts fastest, and large arrays that live long give the others nothing to win.
            command.add("-XX:+UseSerialGC");
        }
        command.addAll(given);
        return command;
    }

    /**
     * The virtual machine stops its threads by faults that only it can handle. Compilers of OpenCL drivers (LLVM, in
     * PoCL) put handlers of their own in their place, take a stopped thread for a crash, and delete the file that they
     * are writing, or end the process. The JDK's libjsig, where it has one, keeps the virtual machine's handlers in front.
     */
    private static void keepSignals(Map<String, String> environment) {
        String library = inJava("lib", "libjsig.so");
        // The loader takes spaces and colons for ends of names.
        if (new File(library).exists() && library.indexOf(' ') < 0 && library.indexOf(':') < 0) {
            String others = environment.get(PRELOAD);
            environment.put(
                    PRELOAD, others == null ? library : library.concat(":").concat(others));
        }
    }

    private static String javaBinary() {
        return inJava("bin", "java");
    }

    private static String inJava(String folder, String name) {
        return String.join(File.separator, System.getProperty("java.home"), folder, name);
    }

    /** What stood behind {@code java}: its flags, {@code -jar} or the main class, the arguments. */
    private static List<String> ownCommandLine(String[] args) throws IOException {
        if (OWN_COMMAND_LINE.canRead()) {
            try (InputStream in = new FileInputStream(OWN_COMMAND_LINE)) {
                Charset charset = Charset.forName(System.getProperty("sun.jnu.encoding"));
                String[] parts = new String(in.readAllBytes(), charset).split("\0", -1);
                return List.of(parts).subList(1, parts.length - 1);
            }
        }
        List<String> line = new ArrayList<>(ManagementFactory.getRuntimeMXBean().getInputArguments());
        line.add("-cp");
        line.add(System.getProperty("java.class.path"));
        line.add(Main.class.getName());
        line.addAll(List.of(args));
        return line;
    }

    /** A second collector flag would be a fatal error for the virtual machine. */
    private static boolean choosesCollector(List<String> given) {
        List<String> flags = new ArrayList<>(given);
        for (String variable : List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")) {
            flags.add(System.getenv().getOrDefault(variable, ""));
        }
        for (String flag : flags) {
            if (flag.contains("-XX:+Use") && flag.contains("GC")) {
                return true;
            }
        }
        return false;
    }
}
