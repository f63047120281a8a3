package org.stegokernels.raster;

import java.io.IOException;
import org.stegokernels.image.PngWriter;

/** Rows of a PNG. */
record PngEncoder(PngWriter.Rows rows) implements RowWriter.Encoder {
    @Override
    public void append(byte[] pixels) throws IOException {
        rows.append(pixels);
    }

    @Override
    public byte[] finish() throws IOException {
        rows.finish();
        return new byte[0];
    }

    @Override
    public void end() {
        rows.close();
    }
}
