package org.stegokernels.raster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.PixelReader;
import org.stegokernels.image.PixelReader.Layout;
import org.stegokernels.io.ScratchFile;
import org.stegokernels.raster.Raster.Region;
import org.stegokernels.raster.Raster.SampleType;

/** A picture that can only be decoded from its top: decoded once, into a temporary file that regions are read from. */
final class DecodedSource implements SampleSource, PixelReader.Rows {
    private static final String REMEDY =
            "free some space, name another folder with java -Djava.io.tmpdir=FOLDER, or save the picture as a tiled TIFF";

    private final Path picture;
    private final Path folder;
    private FileChannel rows;
    private Samples samples;
    private int rowBytes;

    /** @param folder for the temporary file */
    DecodedSource(Path picture, Path folder) {
        this.picture = picture;
        this.folder = folder;
    }

    /**
     * Decodes a picture.
     *
     * @throws ImageException as {@link PixelReader#rows}, and if there is no room for the rows
     */
    static DecodedSource of(Path picture, ImageReader.Limits limits) throws IOException {
        return of(picture, limits, Path.of(System.getProperty("java.io.tmpdir")));
    }

    /** @param folder for the temporary file */
    static DecodedSource of(Path picture, ImageReader.Limits limits, Path folder) throws IOException {
        DecodedSource source = new DecodedSource(picture, folder);
        try {
            PixelReader.rows(picture, limits, source);
            return source;
        } catch (RuntimeException | Error e) {
            source.close();
            throw e;
        }
    }

    @Override
    public void begin(Layout layout) {
        rowBytes = layout.rowBytes();
        long bytes = (long) rowBytes * layout.height();
        try {
            long free = Files.getFileStore(folder).getUsableSpace();
            if (free < bytes) {
                throw new ImageException(
                        picture,
                        String.format(
                                Locale.ROOT,
                                "it is decoded into a temporary file of %d MiB, but %s has room for %d MiB",
                                bytes >> 20,
                                folder,
                                free >> 20),
                        REMEDY);
            }
            if (rows == null) {
                rows = ScratchFile.create(folder);
            }
            rows.truncate(0);
        } catch (IOException e) {
            throw failed(e);
        }
        samples = new Samples(
                layout.width(),
                layout.height(),
                layout.bands(),
                layout.bits() == 8 ? SampleType.UINT8 : SampleType.UINT16,
                layout.bits(),
                layout.alpha() ? layout.bands() - 1 : Samples.NONE,
                false,
                false,
                layout.orientation(),
                Double.NaN);
    }

    @Override
    public void put(int y, byte[] row) {
        try {
            ScratchFile.write(rows, ByteBuffer.wrap(row), (long) y * rowBytes);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void get(int y, byte[] row) {
        try {
            ScratchFile.read(rows, ByteBuffer.wrap(row), (long) y * rowBytes);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private ImageException failed(IOException e) {
        return new ImageException(
                picture, "it is decoded into a temporary file in " + folder + ", and " + e.getMessage(), REMEDY, e);
    }

    @Override
    public Samples samples() {
        return samples;
    }

    @Override
    public void read(Region region, int[] bands, Run run) throws IOException {
        int pixelBytes = rowBytes / samples.width();
        int wide = samples.type().bits() / 8;
        ByteBuffer bytes = ByteBuffer.allocate(region.width() * pixelBytes);
        double[][] row = new double[bands.length][region.width()];
        for (int y = region.y(); y < region.y() + region.height(); y++) {
            ScratchFile.read(rows, bytes.clear(), (long) y * rowBytes + (long) region.x() * pixelBytes);
            for (int i = 0; i < bands.length; i++) {
                int at = bands[i] * wide;
                for (int x = 0; x < region.width(); x++, at += pixelBytes) {
                    row[i][x] = wide == 1 ? bytes.get(at) & 0xFF : bytes.getShort(at) & 0xFFFF;
                }
            }
            run.accept(region.x(), y, region.width(), row);
        }
    }

    @Override
    public void close() throws IOException {
        if (rows != null) {
            rows.close();
        }
    }
}
