package org.stegokernels.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.stegokernels.cluster.Clustering;
import org.stegokernels.data.Dataset.DatasetException;
import org.stegokernels.device.DeviceException;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.io.FileErrors;
import org.stegokernels.knn.NeighborGraph;
import org.stegokernels.train.TrainingException;
import org.stegokernels.vit.FiniteCheck.NotFiniteException;
import org.stegokernels.weights.ModelException;

/** A failure of a command: in words and as exit code. */
final class CommandFailure {
    private CommandFailure() {}

    /**
     * Says what failed. Foreseen failures carry a message for the person at the keyboard; of all others the kind says most.
     *
     * @return the exit code
     */
    static int tell(Throwable e, boolean verbose, Console console) {
        boolean foreseen = e instanceof ModelException
                || e instanceof DeviceException
                || e instanceof DatasetException
                || e instanceof NeighborGraph.ImpossibleException
                || e instanceof Clustering.ImpossibleException
                || e instanceof TrainingException
                || e instanceof FeatureCache.StorageException
                || e instanceof NotFiniteException
                || e instanceof IOException
                || e instanceof UncheckedIOException;
        if (isHeapShortage(e)) {
            console.error(heapShortage());
        } else if (foreseen) {
            console.error(e instanceof IOException failure ? FileErrors.text(failure) : e.getMessage());
        } else {
            console.error("unexpected " + e + (verbose ? "" : "; run it again with --verbose to see where"));
        }
        if (verbose) {
            e.printStackTrace(console.err());
        }
        if (isHeapShortage(e)) {
            return ExitCode.FAILED;
        }
        if (e instanceof ModelException || e instanceof NotFiniteException) {
            return ExitCode.BAD_MODEL;
        }
        return e instanceof DeviceException ? ExitCode.NO_DEVICE : ExitCode.FAILED;
    }

    /** Returns true if a failure comes of an {@link OutOfMemoryError}. */
    static boolean isHeapShortage(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof OutOfMemoryError) {
                return true;
            }
        }
        return false;
    }

    /** Returns one sentence for all of them: what there is and what to do. */
    static String heapShortage() {
        return heapShortage("use a smaller --size");
    }

    /** @param otherwise what to do if there is no more memory, in the imperative */
    static String heapShortage(String otherwise) {
        return "not enough memory: the Java heap is limited to "
                + (Runtime.getRuntime().maxMemory() >> 20)
                + " MiB. Give it more with -Xmx (java -Xmx4g -jar ...), or " + otherwise;
    }
}
