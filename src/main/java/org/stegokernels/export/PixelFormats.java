package org.stegokernels.export;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.stegokernels.export.ExportFormat.Category;
import org.stegokernels.export.ExportFormat.Picture;
import org.stegokernels.export.ExportFormat.Settings;
import org.stegokernels.image.LabelMap;
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

    /** Class ids as a palette PNG, in the colours of the classes. */
    static ExportFormat palette(Outputs outputs, Settings settings) {
        Palette palette = Category.palette(settings.categories());
        return new FilePerPicture(outputs, ".png", (out, picture) -> PalettePng.write(out, picture.labels(), palette));
    }

    /** Class ids as an 8-bit grey PNG, 255 where there is none. */
    static ExportFormat ids(Outputs outputs) {
        return new FilePerPicture(outputs, ".png", (out, picture) -> {
            LabelMap map = picture.labels();
            PngWriter.writeGray(out, map.width(), map.height(), map.labels());
        });
    }

    /** Class ids as others number them: an 8-bit grey PNG. */
    static ExportFormat ids(Outputs outputs, String ending, byte[] idOf) {
        return new FilePerPicture(outputs, ending, (out, picture) -> {
            LabelMap map = picture.labels();
            byte[] ids = map.labels().clone();
            for (int i = 0; i < ids.length; i++) {
                ids[i] = idOf[ids[i] & 0xFF];
            }
            PngWriter.writeGray(out, map.width(), map.height(), ids);
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
            byte[] values = new byte[Math.multiplyExact(2, Math.multiplyExact(picture.width(), picture.height()))];
            int at = 0;
            for (int y = 0; y < objects.height(); y++) {
                for (int run = objects.firstRun(y); run < objects.firstRun(y + 1); run++) {
                    int number = objects.objectOfRun(run) + 1;
                    for (int x = objects.start(run); x < objects.end(run, y); x++) {
                        values[at++] = (byte) (number >> 8);
                        values[at++] = (byte) number;
                    }
                }
            }
            PngWriter.writeGray16(out, objects.width(), objects.height(), values);
        });
    }

    /** Writes the colours of the classes as an RGB PNG. */
    static ExportFormat color(Outputs outputs, Settings settings) {
        Palette palette = Category.palette(settings.categories());
        return new FilePerPicture(outputs, ".png", (out, picture) -> {
            LabelMap map = picture.labels();
            byte[] rgb = new byte[Math.multiplyExact(3, map.labels().length)];
            for (int i = 0; i < map.labels().length; i++) {
                int color = palette.color(map.labels()[i] & 0xFF);
                rgb[3 * i] = (byte) (color >> 16);
                rgb[3 * i + 1] = (byte) (color >> 8);
                rgb[3 * i + 2] = (byte) color;
            }
            PngWriter.write(out, new RgbImage(map.width(), map.height(), rgb));
        });
    }

    /** Class ids as an array of NumPy (format 1.0): {@code uint8} [height, width]. */
    static ExportFormat npy(Outputs outputs) {
        return new FilePerPicture(outputs, ".npy", (out, picture) -> {
            LabelMap map = picture.labels();
            String shape =
                    "{'descr': '|u1', 'fortran_order': False, 'shape': (" + map.height() + ", " + map.width() + "), }";
            int before = 10;
            byte[] head = new byte[(before + shape.length() + NPY_ALIGNMENT) / NPY_ALIGNMENT * NPY_ALIGNMENT];
            Arrays.fill(head, (byte) ' ');
            byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) (head.length - before), 0};
            System.arraycopy(magic, 0, head, 0, magic.length);
            byte[] text = shape.getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(text, 0, head, before, text.length);
            head[head.length - 1] = '\n';
            out.write(head);
            out.write(map.labels());
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
