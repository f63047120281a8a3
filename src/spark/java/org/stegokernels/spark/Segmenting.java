package org.stegokernels.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.stegokernels.device.DeviceException;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.RgbImage;
import org.stegokernels.io.FileErrors;
import org.stegokernels.spark.ExecutorModels.Loaned;
import org.stegokernels.stego.Segmentation;
import org.stegokernels.stego.Segmentation.ClassInfo;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.vit.FiniteCheck.NotFiniteException;

/**
 * The way from the bytes of a picture to a row, as tasks go it. A picture that can't be used becomes a row with its error; a
 * device that fails ends the task, which Spark then tries elsewhere.
 *
 * @param progress null where nobody counts
 */
record Segmenting(
        ModelBroadcast model,
        Segmenter.Options options,
        ImageReader.Limits limits,
        Placement placement,
        Progress progress)
        implements Serializable {
    private static final System.Logger LOG = System.getLogger(Segmenting.class.getName());

    private static final ArrayType SHARES = DataTypes.createArrayType(
            new StructType()
                    .add("id", DataTypes.IntegerType)
                    .add("name", DataTypes.StringType)
                    .add("share", DataTypes.DoubleType)
                    .add("score", DataTypes.DoubleType),
            false);

    /**
     * A picture cut into regions: {@code width} and {@code height} in pixels; {@code mask}, a PNG whose palette indices are
     * class ids; {@code shares} of the classes that are in it, with the mean probability of their pixels; {@code seconds} that
     * it took; {@code error}, and then no mask.
     */
    static final StructType RESULT = new StructType()
            .add("width", DataTypes.IntegerType)
            .add("height", DataTypes.IntegerType)
            .add("mask", DataTypes.BinaryType)
            .add("shares", SHARES)
            .add("seconds", DataTypes.DoubleType)
            .add("error", DataTypes.StringType);

    /** A picture's bytes. */
    @FunctionalInterface
    interface Content {
        InputStream open() throws IOException;
    }

    /**
     * Segments one picture.
     *
     * @param name for messages
     * @return of {@link #RESULT}
     * @throws DeviceException if there is no device, or it fails whatever the picture
     */
    Row segment(String name, Content content) {
        requireWanted();
        long start = System.nanoTime();
        try (Loaned loaned = ExecutorModels.borrow(model, placement)) {
            try {
                return segment(name, content, loaned.segmenter(options), start);
            } catch (DeviceException.Lost | DeviceException.KernelBuild e) {
                loaned.giveUp();
                throw e;
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                requireWanted();
                double seconds = seconds(start);
                if (progress != null) {
                    progress.failed(seconds);
                }
                return RowFactory.create(null, null, null, null, seconds, reason(e));
            }
        }
    }

    /** As the other, of bytes; null for null. */
    Row segment(byte[] picture) {
        return picture == null ? null : segment("picture", () -> new ByteArrayInputStream(picture));
    }

    /** Ends a task that somebody has cancelled, at the next picture. */
    static void requireWanted() {
        TaskContext task = TaskContext.get();
        if (task != null && task.isInterrupted()) {
            throw new TaskKilledException("cancelled");
        }
    }

    private Row segment(String name, Content content, Segmenter segmenter, long start) throws IOException {
        RgbImage picture;
        try (InputStream in = content.open()) {
            picture = ImageReader.read(in, Path.of(name), limits);
        }
        Segmentation found = segmenter.segment(picture);
        ByteArrayOutputStream mask = new ByteArrayOutputStream();
        PalettePng.write(mask, found.labels(), Segmentation.palette(found.classes()));
        double seconds = seconds(start);
        int width = found.labels().width();
        int height = found.labels().height();
        if (progress != null) {
            progress.done((long) width * height, seconds);
        }
        return RowFactory.create(width, height, mask.toByteArray(), shares(found), seconds, null);
    }

    private static Row[] shares(Segmentation found) {
        return found.classes().stream()
                .filter(each -> found.shares()[each.id()] > 0)
                .map(each -> share(each, found))
                .toArray(Row[]::new);
    }

    private static Row share(ClassInfo found, Segmentation in) {
        return RowFactory.create(found.id(), found.name(), in.shares()[found.id()], in.scores()[found.id()]);
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Returns why a picture failed, in a sentence. */
    static String reason(Throwable failure) {
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
