package org.stegokernels.raster;

import java.io.Closeable;
import java.io.IOException;
import org.stegokernels.raster.Raster.Region;

/** A source of a picture's samples. One thread at a time. */
interface SampleSource extends Closeable {
    Samples samples();

    /**
     * Reads the samples of a region in runs of pixels that lie in one row. Each pixel of the region comes once, in any
     * order.
     *
     * @param region in the stored picture, and within it
     * @param bands which are read, from 0
     * @throws org.stegokernels.image.ImageException if the file is damaged there
     * @throws IOException if it can't be read
     */
    void read(Region region, int[] bands, Run run) throws IOException;

    /** Takes a run of pixels. */
    @FunctionalInterface
    interface Run {
        /** @param samples by band, in the order asked for; the first {@code count} count; reused by the caller */
        void accept(int x, int y, int count, double[][] samples);
    }
}
