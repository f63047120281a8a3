package org.stegokernels.cli;

/** Too little memory for Java, wherever it was noticed: one cause, one exit code, one sentence. */
final class HeapShortage {
    private HeapShortage() {}

    /** Returns whether a failure comes of an {@link OutOfMemoryError}. */
    static boolean isCauseOf(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof OutOfMemoryError) {
                return true;
            }
        }
        return false;
    }

    /** Returns what there is and what to do. */
    static String text() {
        return "not enough memory: the Java heap is limited to "
                + (Runtime.getRuntime().maxMemory() >> 20)
                + " MiB. Give it more with -Xmx (java -Xmx4g -jar ...), or use a smaller --size";
    }
}
