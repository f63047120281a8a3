package org.stegokernels.image;

import java.io.InterruptedIOException;
import java.time.Duration;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadProgressListener;

/** The time at which reading a picture is given up. As a listener it stops decoders that compute without reading. */
final class Deadline implements IIOReadProgressListener {
    private final boolean set;
    private final long nanoTime;

    /** @param timeout from now, or null for none */
    Deadline(Duration timeout) {
        this.set = timeout != null;
        this.nanoTime = set ? System.nanoTime() + timeout.toNanos() : 0;
    }

    boolean isSet() {
        return set;
    }

    boolean passed() {
        return set && System.nanoTime() - nanoTime > 0;
    }

    /** @throws InterruptedIOException if the time has passed */
    void check() throws InterruptedIOException {
        if (passed()) {
            throw new InterruptedIOException("no time left");
        }
    }

    @Override
    public void imageProgress(ImageReader source, float percent) {
        if (passed()) {
            source.abort();
        }
    }

    @Override
    public void sequenceStarted(ImageReader source, int first) {}

    @Override
    public void sequenceComplete(ImageReader source) {}

    @Override
    public void imageStarted(ImageReader source, int image) {}

    @Override
    public void imageComplete(ImageReader source) {}

    @Override
    public void thumbnailStarted(ImageReader source, int image, int thumbnail) {}

    @Override
    public void thumbnailProgress(ImageReader source, float percent) {}

    @Override
    public void thumbnailComplete(ImageReader source) {}

    @Override
    public void readAborted(ImageReader source) {}
}
