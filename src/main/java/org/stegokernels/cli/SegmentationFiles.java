package org.stegokernels.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.stegokernels.export.Specks;
import org.stegokernels.image.PalettePng;
import org.stegokernels.image.PngWriter;
import org.stegokernels.image.RgbImage;
import org.stegokernels.stego.Segmentation;

/** The files that a segmentation leaves in the folder of the results. */
final class SegmentationFiles {
    /** Kinds of files, as {@code summary.json} names them. */
    static final String LABELS = "labels";

    static final String OVERLAY = "overlay";
    static final String CONFIDENCE = "confidence";

    private static final float JPEG_QUALITY = 0.9f;
    private static final int MAX_16_BITS = 0xFFFF;

    private final ResultFolder folder;
    private final ResultSelection wanted;

    SegmentationFiles(ResultFolder folder, ResultSelection wanted) {
        this.folder = folder;
        this.wanted = wanted;
    }

    /** Returns the files of a photograph by kind. */
    static Map<String, Path> of(Path stem, ResultSelection wanted) {
        Map<String, Path> files = new LinkedHashMap<>();
        wanted.suffixes().forEach((kind, suffix) -> files.put(kind, Outputs.with(stem, suffix)));
        return files;
    }

    /** Returns the segmentation without labels that are unsure, and then without objects that are too small. */
    Segmentation refined(Segmentation result) {
        Segmentation sure = wanted.unsure() > 0 ? result.withoutUnsure(wanted.unsure()) : result;
        return wanted.minArea() > 1 ? sure.withLabels(Specks.merge(sure.labels(), wanted.minArea())) : sure;
    }

    /** Writes the files of one photograph. */
    void write(Segmentation result, Map<String, Path> files) throws IOException {
        for (Map.Entry<String, Path> file : files.entrySet()) {
            switch (file.getKey()) {
                case LABELS ->
                    folder.write(
                            file.getValue(),
                            out -> PalettePng.write(out, result.labels(), Segmentation.palette(result.classes())));
                case OVERLAY -> folder.write(file.getValue(), out -> writeOverlay(out, result));
                case CONFIDENCE -> folder.write(file.getValue(), out -> writeConfidence(out, result));
                default -> throw new IllegalArgumentException(file.getKey());
            }
        }
    }

    private void writeOverlay(OutputStream out, Segmentation result) throws IOException {
        RgbImage picture = result.overlayWithLegend(wanted.overlaySize());
        if (wanted.overlay() == ResultSelection.Overlay.PNG) {
            PngWriter.write(out, picture);
        } else {
            writeJpeg(out, picture);
        }
    }

    private static void writeJpeg(OutputStream out, RgbImage picture) throws IOException {
        ImageIO.setUseCache(false);
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
            ImageWriteParam settings = writer.getDefaultWriteParam();
            settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            settings.setCompressionQuality(JPEG_QUALITY);
            writer.setOutput(stream);
            writer.write(null, new IIOImage(picture.toImage(), null, null), settings);
        } finally {
            writer.dispose();
        }
    }

    private static void writeConfidence(OutputStream out, Segmentation result) throws IOException {
        float[] confidence = result.confidence();
        byte[] values = new byte[Math.multiplyExact(2, confidence.length)];
        for (int i = 0; i < confidence.length; i++) {
            int value = Math.round(confidence[i] * MAX_16_BITS);
            values[2 * i] = (byte) (value >> 8);
            values[2 * i + 1] = (byte) value;
        }
        PngWriter.writeGray16(out, result.labels().width(), result.labels().height(), values);
    }
}
