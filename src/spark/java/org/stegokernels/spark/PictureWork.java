package org.stegokernels.spark;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.stegokernels.device.DeviceException;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.RgbImage;
import org.stegokernels.io.FileErrors;
import org.stegokernels.spark.ExecutorModels.Loaned;
import org.stegokernels.vit.FiniteCheck.NotFiniteException;

/**
 * The way of one picture through a task: read, and computed by a model that is borrowed for it. A picture that can't be used
 * fails alone; a device that fails ends the task, which Spark then tries elsewhere.
 *
 * @param progress null where nobody counts
 */
record PictureWork(ModelBroadcast model, ImageReader.Limits limits, Placement placement, Progress progress)
        implements Serializable {
    private static final System.Logger LOG = System.getLogger(PictureWork.class.getName());

    /** A picture's bytes. */
    @FunctionalInterface
    interface Content {
        InputStream open() throws IOException;

        static Content of(byte[] bytes) {
            return () -> new ByteArrayInputStream(bytes);
        }

        /** Returns the bytes of a file on any file system that Hadoop knows. */
        static Content of(org.apache.hadoop.fs.Path file, Configuration hadoop) {
            return () -> file.getFileSystem(hadoop).open(file);
        }
    }

    /** Makes something of a picture. */
    @FunctionalInterface
    interface Step<T> {
        T run(Loaned model, RgbImage picture) throws IOException;
    }

    /** As {@link Step}, of something that reads its picture itself. */
    @FunctionalInterface
    interface Work<T> {
        Attempt<T> run(Loaned model) throws IOException;
    }

    /** A result, and the number of pixels that it was made of. */
    record Attempt<T>(T value, long pixels) {}

    /**
     * The outcome of a picture.
     *
     * @param value null if it failed
     * @param error null if it did not
     */
    record Outcome<T>(T value, double seconds, String error) {}

    /**
     * Does something with one picture.
     *
     * @param name for messages
     * @throws DeviceException if there is no device, or it fails whatever the picture
     */
    <T> Outcome<T> run(String name, Content content, Step<T> step) {
        return attempt(model -> {
            RgbImage picture = read(name, content);
            return new Attempt<>(step.run(model, picture), picture.pixels());
        });
    }

    /** Does something that reads its picture itself. */
    <T> Outcome<T> attempt(Work<T> work) {
        requireWanted();
        long start = System.nanoTime();
        try (Loaned loaned = ExecutorModels.borrow(model, placement)) {
            try {
                Attempt<T> done = work.run(loaned);
                double seconds = seconds(start);
                if (progress != null) {
                    progress.done(done.pixels, seconds);
                }
                return new Outcome<>(done.value, seconds, null);
            } catch (DeviceException.Lost | DeviceException.KernelBuild e) {
                loaned.giveUp();
                throw e;
            } catch (TaskKilledException e) {
                throw e;
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                if (isCancelled()) {
                    // A thread that is interrupted may leave work on the device.
                    loaned.giveUp();
                    requireWanted();
                }
                double seconds = seconds(start);
                if (progress != null) {
                    progress.failed(seconds);
                }
                return new Outcome<>(null, seconds, reason(e));
            }
        }
    }

    private RgbImage read(String name, Content content) throws IOException {
        try (InputStream in = content.open()) {
            return ImageReader.read(in, Path.of(name), limits);
        }
    }

    private static boolean isCancelled() {
        TaskContext task = TaskContext.get();
        return task != null && task.isInterrupted();
    }

    /** Ends a task that somebody has cancelled, at the next picture. */
    static void requireWanted() {
        if (isCancelled()) {
            throw new TaskKilledException("cancelled");
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Returns why a picture failed, in a sentence. */
    private static String reason(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof OutOfMemoryError) {
                return "not enough memory: give executors more, or let them run fewer tasks at a time";
            }
        }
        if (failure instanceof IOException e) {
            return FileErrors.text(e);
        }
        boolean foreseen = failure instanceof ImageException
                || failure instanceof NotFiniteException
                || failure instanceof DeviceException
                || failure instanceof IllegalArgumentException;
        if (!foreseen) {
            LOG.log(System.Logger.Level.WARNING, "failed at", failure);
        }
        return foreseen ? failure.getMessage() : "unexpected " + failure;
    }
}
