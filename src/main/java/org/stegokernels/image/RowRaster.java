package org.stegokernels.image;

import java.awt.Point;
import java.awt.Rectangle;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.SampleModel;
import java.awt.image.WritableRaster;
import java.util.Arrays;
import javax.imageio.ImageTypeSpecifier;
import org.stegokernels.image.PixelReader.Layout;
import org.stegokernels.image.PixelReader.Rows;

/**
 * A raster that the JDK's decoders of JPEG and PNG fill: it holds one row and passes the others on. They set
 * a row at once or pixel by pixel; nothing else is supported.
 */
final class RowRaster extends WritableRaster {
    private final Rows rows;
    private final int bands;
    private final boolean wide;
    /** The colours of the indices that are set, 0xAARRGGBB, or null. */
    private final int[] palette;

    private final byte[] row;
    private int rowIndex = -1;
    private int lowest = -1;

    /** @param oneRow how samples look to the decoder; the memory of it is not used */
    private RowRaster(SampleModel oneRow, Layout layout, int[] palette, Rows rows) {
        super(
                oneRow,
                oneRow.createDataBuffer(),
                new Rectangle(0, 0, layout.width(), layout.height()),
                new Point(0, 0),
                null);
        this.rows = rows;
        this.palette = palette;
        bands = layout.bands();
        wide = layout.bits() == 16;
        row = new byte[layout.rowBytes()];
    }

    /** @param type the one that the decoder prefers, so that it converts no colours */
    static RowRaster of(ImageTypeSpecifier type, int width, int height, int orientation, Rows rows) {
        int[] palette = null;
        boolean alpha = type.getColorModel().hasAlpha();
        int bands = type.getNumBands();
        if (type.getColorModel() instanceof IndexColorModel colors) {
            palette = new int[colors.getMapSize()];
            colors.getRGBs(palette);
            bands = alpha ? 4 : 3;
        }
        int bits = palette == null && type.getSampleModel().getTransferType() == DataBuffer.TYPE_USHORT ? 16 : 8;
        Layout layout = new Layout(width, height, bands, bits, alpha, orientation);
        rows.begin(layout);
        return new RowRaster(type.getSampleModel().createCompatibleSampleModel(width, 1), layout, palette, rows);
    }

    @Override
    public void setRect(int x, int y, Raster source) {
        int width = source.getWidth();
        for (int i = 0; i < source.getHeight(); i++) {
            seek(y + i);
            int sourceY = source.getMinY() + i;
            if (palette == null && source.getTransferType() == DataBuffer.TYPE_BYTE) {
                byte[] bytes = (byte[]) source.getDataElements(source.getMinX(), sourceY, width, 1, null);
                System.arraycopy(bytes, 0, row, bands * x, bands * width);
            } else {
                for (int column = 0; column < width; column++) {
                    store(x + column, source.getPixel(source.getMinX() + column, sourceY, (int[]) null));
                }
            }
        }
    }

    @Override
    public void setPixel(int x, int y, int[] samples) {
        seek(y);
        store(x, samples);
    }

    private void store(int x, int[] samples) {
        int at = bands * x;
        if (palette != null) {
            int argb = samples[0] < palette.length ? palette[samples[0]] : 0xFF000000;
            row[at] = (byte) (argb >> 16);
            row[at + 1] = (byte) (argb >> 8);
            row[at + 2] = (byte) argb;
            if (bands == 4) {
                row[at + 3] = (byte) (argb >>> 24);
            }
            return;
        }
        for (int band = 0; band < bands; band++) {
            if (wide) {
                row[2 * (at + band)] = (byte) (samples[band] >> 8);
                row[2 * (at + band) + 1] = (byte) samples[band];
            } else {
                row[at + band] = (byte) samples[band];
            }
        }
    }

    private void seek(int y) {
        if (y == rowIndex) {
            return;
        }
        flush();
        if (y > lowest) {
            Arrays.fill(row, (byte) 0);
            lowest = y;
        } else {
            rows.get(y, row);
        }
        rowIndex = y;
    }

    /** Passes on the row that was set last. */
    void flush() {
        if (rowIndex >= 0) {
            rows.put(rowIndex, row);
        }
    }
}
