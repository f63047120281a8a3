package org.stegokernels.io;

import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;

/** Work for the moment when the process is asked to end (Ctrl-C, SIGTERM, {@link System#exit}), which waits for it. */
public final class ExitHooks {
    private static final Deque<Runnable> HOOKS = new ConcurrentLinkedDeque<>();
    private static final boolean ENDING = !register();

    private static volatile boolean asked;
    private static volatile boolean over;

    private ExitHooks() {}

    /** A hook, removed by closing this. */
    @FunctionalInterface
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    private static boolean register() {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(ExitHooks::run, "exit hooks"));
            return true;
        } catch (IllegalStateException alreadyEnding) {
            return false;
        }
    }

    private static void run() {
        asked = true;
        HOOKS.forEach(Runnable::run);
    }

    /**
     * Adds a hook that runs while files can still be written: saving what would be lost. The hook added last runs first.
     *
     * @return to be closed when there is nothing to be lost any more
     */
    public static Registration beforeEnd(Runnable lastWrites) {
        HOOKS.addFirst(lastWrites);
        return () -> HOOKS.remove(lastWrites);
    }

    /** Adds a hook that runs after all of {@link #beforeEnd}; at once if the process is ending already. */
    static void atEnd(Runnable cleaning) {
        Runnable last = () -> {
            over = true;
            cleaning.run();
        };
        HOOKS.addLast(last);
        if (ENDING) {
            last.run();
        }
    }

    /** Returns true if the process has been asked to end, so that what is done now is not all that was wanted. */
    public static boolean isAsked() {
        return asked;
    }

    /** Returns true if all last writes are done and every other one fails: of no interest to anybody any more. */
    public static boolean isOver() {
        return over;
    }
}
