package org.stegokernels.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.tornado.sdk.TornadoSdk;
import org.stegokernels.io.UserCache;

/**
 * Starts the program again with the flags that a jar can't ask for. The Vector API is an incubator module, which the
 * virtual machine takes in only by {@code --add-modules}; started with plain {@code java -jar}, the program runs itself
 * as a child process with that flag, lends it its console, and passes signals and the exit code through.
 *
 * <p>It does not when nothing will be computed, when the module is there already ({@code java --add-modules
 * jdk.incubator.vector -jar ...}, the launcher of {@code scripts/app-image}), when this Java runtime has no such module, or when {@code -Dstego.relaunch=false}
 * forbids it. A flag that only one process can have, such as a debugger's port, is refused.
 *
 * <p>The same goes for TornadoVM, with the flags of its SDK, where {@code --device tornado} asks for it, or {@code
 * info} has to list its devices; and for a locale without letters beyond ASCII, in which Java can't say most names of
 * files: the child gets {@code C.UTF-8}.
 */
final class Launcher {
    static final String VECTOR_MODULE = "jdk.incubator.vector";

    /** Absent: start again if needed. {@code false}: never. A number: this is the child of the process of that id. */
    private static final String SWITCH = "stego.relaunch";

    private static final String NEVER = "false";
    /** So many arguments at the end of the parent's command line are the child's, which could not be handed over. */
    private static final String ARGUMENTS = "stego.arguments";

    private static final long WATCH_MILLIS = 200;
    private static final String TORNADO = "tornado";
    private static final String PRELOAD = "LD_PRELOAD";
    /**
     * Flags for the heap, unless a collector is chosen. The serial one starts fastest, and large arrays that live long give
     * the others nothing to win. Such arrays need no young space: with a small one a photograph takes 90 MB less, a folder
     * 160 MB, in the same time. With the two ratios a tiled picture of 30,000 pixels a side takes 1.3 GB instead of 1.9;
     * nothing becomes slower.
     */
    static final List<String> HEAP =
            List.of("-XX:+UseSerialGC", "-Xmn12m", "-XX:MinHeapFreeRatio=10", "-XX:MaxHeapFreeRatio=25");

    private static final List<String> TEXTS = List.of("-h", "--help", "-V", "--version");

    private static Process child;
    private static boolean ending;

    private Launcher() {}

    /** Returns whether this process should do nothing but {@link #launch}. */
    static boolean needed(String[] args) {
        return System.getProperty(SWITCH) == null
                && startedAsProgram()
                && (need(args) != Need.NOTHING && (!vectorModuleLoaded() && vectorModuleExists() || tornadoNeeded(args))
                        || !printsText(args) && OwnCommandLine.asciiLocale());
    }

    /** Returns the need of a command line: a guess, made before it is parsed. */
    static Need need(String[] args) {
        return printsText(args) ? Need.NOTHING : Need.of(args[0]);
    }

    private static boolean printsText(String[] args) {
        return args.length == 0 || args[0].equals(HelpCommand.NAME) || !Collections.disjoint(List.of(args), TEXTS);
    }

    /** Returns whether TornadoVM is asked for and could run, but not in this process. */
    private static boolean tornadoNeeded(String[] args) {
        return asksForTornado(args)
                && !TornadoSdk.running()
                && TornadoSdk.obstacle().isEmpty();
    }

    /** Returns whether TornadoVM is asked for: a guess, too. */
    private static boolean asksForTornado(String[] args) {
        if (need(args) == Need.ALL_DEVICES) {
            return true;
        }
        for (int i = 0; i < args.length; i++) {
            boolean device = args[i].startsWith("--device=" + TORNADO)
                    || args[i].equals("--device") && i + 1 < args.length && args[i + 1].startsWith(TORNADO);
            if (device) {
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

    /** Says whether this process has the Vector API, and if not, why: {@code info} and the log show it. */
    static String vectorModule() {
        if (vectorModuleLoaded()) {
            return "loaded";
        }
        return vectorModuleExists()
                ? "not loaded: start java with --add-modules " + VECTOR_MODULE
                : "not in this Java runtime: use a full JDK, or put " + VECTOR_MODULE + " into the jlink image";
    }

    /** Returns false for someone else's program that calls {@link Main#main}: it must not be started twice. */
    private static boolean startedAsProgram() {
        String command = System.getProperty("sun.java.command", "");
        String classPath = System.getProperty("java.class.path");
        return command.startsWith(Main.class.getName())
                || (command.startsWith(classPath) && classPath.endsWith(".jar"));
    }

    /** Runs the child and returns its exit code, 128 + n if signal n killed it. */
    static int launch(String[] args) {
        try {
            OwnCommandLine own = OwnCommandLine.of(args);
            if (OwnCommandLine.asciiLocale() && OwnCommandLine.hasLettersBeyondAscii(own.flags())) {
                System.err.println(
                        "error: this locale lacks letters of a flag of java. Set one with UTF-8: LC_ALL=C.UTF-8");
                return ExitCode.USAGE;
            }
            String claim = own.claim();
            if (claim != null) {
                System.err.println(
                        "error: the program starts itself again for the Vector API, and two processes can't share "
                                + claim + ". Start it with: java --add-modules " + VECTOR_MODULE + " -D" + SWITCH + "="
                                + NEVER
                                + " and your flags");
                return ExitCode.USAGE;
            }
            ProcessBuilder builder = new ProcessBuilder(command(args, own)).inheritIO();
            keepSignals(builder.environment());
            keepCompiled(builder.environment());
            if (OwnCommandLine.asciiLocale()) {
                builder.environment().put("LC_ALL", "C.UTF-8");
            }
            endTogether();
            return start(builder).waitFor();
        } catch (IOException e) {
            System.err.println("error: can't start " + javaBinary() + ": " + e.getMessage()
                    + ". Start it yourself: java --add-modules " + VECTOR_MODULE + " -jar ...");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException alreadyEnding) {
            return ExitCode.FAILED;
        }
        return ExitCode.FAILED;
    }

    /**
     * Makes both processes end together. Ctrl-C reaches both processes, but SIGTERM and SIGHUP often only this one:
     * hand them on, and stay until the child has cleaned up. The exit code is then this process's own, 128 + the
     * signal.
     */
    private static void endTogether() {
        // An anonymous class: the first lambda of a process costs several milliseconds.
        Runtime.getRuntime().addShutdownHook(new Thread() {
            @Override
            public void run() {
                endChild();
            }
        });
    }

    /** Starts the child, unless the process is being asked to end: there would be nobody to hand that on. */
    private static synchronized Process start(ProcessBuilder builder) throws IOException, InterruptedException {
        while (ending) {
            Launcher.class.wait();
        }
        child = builder.start();
        return child;
    }

    private static void endChild() {
        Process started;
        synchronized (Launcher.class) {
            ending = true;
            started = child;
        }
        if (started != null) {
            end(started);
        }
    }

    /**
     * Asks a process to end, and waits for it. Windows can't ask: its "destroy" would break off a checkpoint that is
     * being written. What ends the parent there (Ctrl-C, the window closed) reaches the child as well.
     */
    static void end(Process process) {
        if (process.supportsNormalTermination()) {
            process.destroy();
        }
        process.onExit().join();
    }

    /**
     * Ends the child when the parent is gone. A killed parent could not hand anything on, and nobody waits for
     * the results any more.
     */
    static void endWithParent() {
        if (isChild()) {
            Thread watch = new Thread(Launcher::awaitParent, "parent-watch");
            watch.setDaemon(true);
            watch.start();
        }
    }

    private static boolean isChild() {
        String relaunch = System.getProperty(SWITCH);
        return relaunch != null && !relaunch.equals(NEVER);
    }

    /**
     * Waits for the parent's end. The parent may be gone before the child asks for it the first time, and then it is
     * another one's child.
     */
    private static void awaitParent() {
        long parent = Long.parseLong(System.getProperty(SWITCH));
        try {
            while (ProcessHandle.current()
                    .parent()
                    .filter(now -> now.pid() == parent)
                    .isPresent()) {
                Thread.sleep(WATCH_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        System.exit(ExitCode.FAILED);
    }

    /**
     * Returns the arguments of the program.
     *
     * @param args as this process got them
     */
    static String[] arguments(String[] args) {
        String count = System.getProperty(ARGUMENTS);
        if (count == null) {
            return args;
        }
        try {
            List<String> all = OwnCommandLine.read(System.getProperty(SWITCH));
            return all.subList(all.size() - Integer.parseInt(count), all.size()).toArray(new String[0]);
        } catch (IOException | IndexOutOfBoundsException parentGone) {
            throw new IllegalStateException("the process that started this one is gone", parentGone);
        }
    }

    private static List<String> command(String[] args, OwnCommandLine own) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(javaBinary());
        if (tornadoNeeded(args)) {
            command.addAll(TornadoSdk.flags());
        }
        if (vectorModuleExists()) {
            command.add("--add-modules");
            command.add(VECTOR_MODULE);
        }
        command.add(property(SWITCH, ProcessHandle.current().pid()));
        command.addAll(CompilerFlags.list());
        if (!own.choosesCollector()) {
            command.addAll(HEAP);
        }
        if (OwnCommandLine.hasLettersBeyondAscii(own.arguments())) {
            command.add(property(ARGUMENTS, own.arguments().size()));
            command.addAll(own.flags());
        } else {
            command.addAll(own.flags());
            command.addAll(own.arguments());
        }
        return command;
    }

    private static String property(String name, long value) {
        return "-D".concat(name).concat("=").concat(Long.toString(value));
    }

    /**
     * Keeps the signals that the virtual machine needs. The virtual machine stops its threads by faults that only it
     * can handle. Compilers of OpenCL drivers (LLVM, in PoCL) put handlers of their own in their place, take a stopped
     * thread for a crash, and delete the file that they are writing, or end the process. The JDK's libjsig, where it
     * has one, keeps the virtual machine's handlers in front.
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

    /**
     * Gives PoCL a folder. PoCL keeps what it compiled, and runs later, in the home folder; without one in a folder of
     * {@code /tmp} that may be another user's, and where it can't write at all it has no device.
     */
    private static void keepCompiled(Map<String, String> environment) {
        String home = environment.get("HOME");
        boolean chosen = environment.containsKey("POCL_CACHE_DIR") || environment.containsKey("XDG_CACHE_HOME");
        if (!chosen && (home == null || !new File(home).canWrite())) {
            try {
                Path folder = UserCache.folder().resolve("pocl");
                environment.put("POCL_CACHE_DIR", folder.toString());
            } catch (UncheckedIOException nowhere) {
                // Without OpenCL, then.
                return;
            }
        }
    }

    private static String javaBinary() {
        return inJava("bin", "java");
    }

    private static String inJava(String folder, String name) {
        return String.join(File.separator, System.getProperty("java.home"), folder, name);
    }
}
