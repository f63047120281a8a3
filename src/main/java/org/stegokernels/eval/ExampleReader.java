package org.stegokernels.eval;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.Dataset.DatasetException;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Pipeline.Frame;
import org.stegokernels.stego.Pipeline.StageTimes;
import org.stegokernels.stego.Pipeline.StageTimes.Stage;

/** Reads the images of a set and their labels in order, one ahead of what is being computed. */
final class ExampleReader implements AutoCloseable {
    private final ExecutorService decoder = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "decoder");
        thread.setDaemon(true);
        return thread;
    });
    private final Dataset data;
    private final Function<RgbImage, Frame> framing;
    private final StageTimes times;
    private Future<LabelledFrame> reading;
    private int next;

    /** @param labels of the frame's target */
    record LabelledFrame(Frame frame, LabelMap labels) {}

    ExampleReader(Dataset data, Function<RgbImage, Frame> framing, StageTimes times) {
        this.data = data;
        this.framing = framing;
        this.times = times;
        lookAhead();
    }

    private void lookAhead() {
        int index = next++;
        reading = index < data.size() ? decoder.submit(() -> read(index)) : null;
    }

    /**
     * Returns the next example.
     *
     * @throws ImageException if the image or its label map can't be read; the one after it can be asked for
     * @throws DatasetException if the labels don't fit; likewise
     */
    LabelledFrame next() {
        Future<LabelledFrame> current = reading;
        lookAhead();
        try {
            return current.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while reading " + data.name(), e);
        }
    }

    private LabelledFrame read(int index) {
        long start = System.nanoTime();
        RgbImage image = data.image(index);
        LabelMap labels = data.labels(index);
        times.add(Stage.DECODE, start);
        Frame frame = framing.apply(image);
        return new LabelledFrame(frame, of(labels, frame.target()));
    }

    /** Resizes and cuts labels as the protocol does their image. */
    private static LabelMap of(LabelMap labels, RgbImage target) {
        boolean whole = labels.width() == target.width() && labels.height() == target.height();
        return whole ? labels : Resize.centerSquare(labels, target.width());
    }

    @Override
    public void close() {
        decoder.shutdownNow();
    }
}
