package org.stegokernels.export;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.stegokernels.export.ExportFormat.Category;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.export.ExportFormat.Settings;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.image.LabelMap.PalettePng;
import org.stegokernels.image.PngWriter;
import org.stegokernels.image.RgbImage;

/** Formats of one file a picture that has a value for each pixel. */
final class PixelFormats {
    private static final int MAX_16_BITS = 0xFFFF;
    private static final int NPY_ALIGNMENT = 64;

    private PixelFormats() {}

    /** Writes one picture. */
    @FunctionalInterface
    interface PictureWriter {
        void write(OutputStream out, Picture picture) throws IOException;
    }

    /** A format with one file a picture, and none for all of them. */
    record FilePerPicture(Outputs outputs, String ending, PictureWriter writer) implements ExportFormat {
        @Override
        public void add(Picture picture) throws IOException {
            outputs.write(picture.name() + ending, out -> writer.write(out, picture));
        }
    }

    /** Makes the pixels of a row of a file. */
    @FunctionalInterface
    interface RowMaker {
        /** @param row to be filled */
        void make(int y, byte[] row) throws IOException;
    }

    /** Writes all rows of a picture, and frees them. */
    static void write(PngWriter.Rows rows, Picture picture, int pixelBytes, RowMaker maker) throws IOException {
        byte[] row = new byte[Math.multiplyExact(pixelBytes, picture.width())];
        try (rows) {
            for (int y = 0; y < picture.height(); y++) {
                maker.make(y, row);
                rows.append(row);
            }
            rows.finish();
        }
    }

    /** Class ids as a palette PNG, in the colours of the classes. */
    static ExportFormat palette(Outputs outputs, Settings settings) {
        Palette palette = Category.palette(settings.categories());
        return new FilePerPicture(outputs, ".png", (out, picture) -> {
            PngWriter.Rows rows =
                    PalettePng.rows(out, picture.width(), picture.height(), palette, picture.highestLabel());
            write(rows, picture, 1, picture::row);
        });
    }

    /** Class ids as an 8-bit grey PNG, 255 where there is none. */
    static ExportFormat ids(Outputs outputs) {
        return new FilePerPicture(
                outputs,
                ".png",
                (out, picture) ->
                        write(PngWriter.grayRows(out, picture.width(), picture.height()), picture, 1, picture::row));
    }

    /** Class ids as others number them: an 8-bit grey PNG. */
    static ExportFormat ids(Outputs outputs, String ending, byte[] idOf) {
        return new FilePerPicture(outputs, ending, (out, picture) -> {
            PngWriter.Rows rows = PngWriter.grayRows(out, picture.width(), picture.height());
            write(rows, picture, 1, (y, row) -> {
                picture.row(y, row);
                for (int x = 0; x < row.length; x++) {
                    row[x] = idOf[row[x] & 0xFF];
                }
            });
        });
    }

    /** Numbers of objects from 1, as {@code objects.csv} has them, as a 16-bit grey PNG; 0 where there is none. */
    static ExportFormat instances(Outputs outputs) {
        return new FilePerPicture(outputs, ".png", (out, picture) -> {
            ObjectMap objects = picture.objects();
            if (objects.count() > MAX_16_BITS) {
                throw new IOException(picture.name() + " has " + objects.count() + " objects, more than the "
                        + MAX_16_BITS + " that a PNG can number; merge the small ones with --min-area");
            }
            PngWriter.Rows rows = PngWriter.gray16Rows(out, picture.width(), picture.height());
            write(rows, picture, 2, (y, row) -> {
                int at = 0;
                for (int run = objects.firstRun(y); run < objects.firstRun(y + 1); run++) {
                    int number = objects.objectOfRun(run) + 1;
                    for (int x = objects.start(run); x < objects.end(run, y); x++) {
                        row[at++] = (byte) (number >> 8);
                        row[at++] = (byte) number;
                    }
                }
            });
        });
    }

    /** Writes the colours of the classes as an RGB PNG. */
    static ExportFormat color(Outputs outputs, Settings settings) {
        Palette palette = Category.palette(settings.categories());
        return new FilePerPicture(outputs, ".png", (out, picture) -> {
            byte[] labels = new byte[picture.width()];
            PngWriter.Rows rows = PngWriter.rgbRows(out, picture.width(), picture.height());
            write(rows, picture, 3, (y, row) -> {
                picture.row(y, labels);
                for (int x = 0; x < labels.length; x++) {
                    int color = palette.color(labels[x] & 0xFF);
                    row[3 * x] = (byte) (color >> 16);
                    row[3 * x + 1] = (byte) (color >> 8);
                    row[3 * x + 2] = (byte) color;
                }
            });
        });
    }

    /** Class ids as an array of NumPy (format 1.0): {@code uint8} [height, width]. */
    static ExportFormat npy(Outputs outputs) {
        return new FilePerPicture(outputs, ".npy", (out, picture) -> {
            String shape = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + picture.height() + ", "
                    + picture.width() + "), }";
            int before = 10;
            byte[] head = new byte[(before + shape.length() + NPY_ALIGNMENT) / NPY_ALIGNMENT * NPY_ALIGNMENT];
            Arrays.fill(head, (byte) ' ');
            byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) (head.length - before), 0};
            System.arraycopy(magic, 0, head, 0, magic.length);
            byte[] text = shape.getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(text, 0, head, before, text.length);
            head[head.length - 1] = '\n';
            out.write(head);
            byte[] row = new byte[picture.width()];
            for (int y = 0; y < picture.height(); y++) {
                picture.row(y, row);
                out.write(row);
            }
        });
    }

    /** Writes how sure the model is of each pixel as a 16-bit grey PNG: 65535 is 1. */
    static ExportFormat confidence(Outputs outputs) {
        return new FilePerPicture(outputs, ".confidence.png", (out, picture) -> {
            float[] confidence = picture.confidence();
            if (confidence == null) {
                throw new IOException("the confidence of " + picture.name()
                        + " isn't known: a mask alone doesn't hold it; segment the photograph again");
            }
            byte[] values = new byte[Math.multiplyExact(2, confidence.length)];
            for (int i = 0; i < confidence.length; i++) {
                int value = Math.round(Math.max(0, Math.min(1, confidence[i])) * MAX_16_BITS);
                values[2 * i] = (byte) (value >> 8);
                values[2 * i + 1] = (byte) value;
            }
            PngWriter.writeGray16(out, picture.width(), picture.height(), values);
        });
    }

    /** Writes one class of the photograph, the rest of it transparent, as an RGBA PNG. */
    static ExportFormat cutout(Outputs outputs, Settings settings) {
        if (settings.cutout() < 0) {
            throw new IllegalArgumentException("cutout needs a class to cut out; the classes are "
                    + settings.categories().stream().map(Category::name).toList());
        }
        return new FilePerPicture(outputs, ".png", (out, picture) -> {
            RgbImage image = picture.photograph();
            if (image == null) {
                throw new IOException("the photograph of " + picture.name() + " isn't there to cut out of");
            }
            byte[] rgba = new byte[Math.multiplyExact(4, image.pixels())];
            for (int i = 0; i < image.pixels(); i++) {
                if ((picture.labels().labels()[i] & 0xFF) == settings.cutout()) {
                    System.arraycopy(image.rgb(), 3 * i, rgba, 4 * i, 3);
                    rgba[4 * i + 3] = (byte) 0xFF;
                }
            }
            PngWriter.writeRgba(out, image.width(), image.height(), rgba);
        });
    }
}
