package org.stegokernels.raster;

import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.DataBufferDouble;
import java.awt.image.DataBufferFloat;
import java.awt.image.DataBufferInt;
import java.awt.image.DataBufferShort;
import java.awt.image.DataBufferUShort;
import java.awt.image.Raster;
import org.stegokernels.raster.Raster.SampleType;

/** Takes samples out of what ImageIO decodes. Own loops, since its own takes a virtual call for each sample. */
final class SampleRows {
    private SampleRows() {}

    /**
     * Reads a run of samples.
     *
     * @param type what they are: Java has no unsigned 32-bit samples, and decoders keep signed bytes as unsigned ones
     * @param x counted from the raster's first column
     * @param y counted from the raster's first row
     */
    static void read(Raster raster, SampleType type, int x, int y, int count, int band, double[] target) {
        int column = x + raster.getMinX();
        int row = y + raster.getMinY();
        if (!(raster.getSampleModel() instanceof ComponentSampleModel layout)) {
            raster.getSamples(column, row, count, 1, band, target);
            return;
        }
        DataBuffer buffer = raster.getDataBuffer();
        int bank = layout.getBankIndices()[band];
        int step = layout.getPixelStride();
        int from = buffer.getOffsets()[bank]
                + layout.getOffset(
                        column - raster.getSampleModelTranslateX(), row - raster.getSampleModelTranslateY(), band);
        if (buffer instanceof DataBufferByte bytes) {
            bytes(bytes.getData(bank), type == SampleType.INT8, from, step, count, target);
        } else if (buffer instanceof DataBufferUShort shorts) {
            unsigned(shorts.getData(bank), from, step, count, target);
        } else if (buffer instanceof DataBufferShort shorts) {
            signed(shorts.getData(bank), from, step, count, target);
        } else if (buffer instanceof DataBufferInt integers) {
            integers(integers.getData(bank), type == SampleType.UINT32, from, step, count, target);
        } else if (buffer instanceof DataBufferFloat floats) {
            float[] data = floats.getData(bank);
            for (int i = 0; i < count; i++) {
                target[i] = data[from + i * step];
            }
        } else if (buffer instanceof DataBufferDouble doubles) {
            double[] data = doubles.getData(bank);
            for (int i = 0; i < count; i++) {
                target[i] = data[from + i * step];
            }
        } else {
            throw new IllegalArgumentException("samples in " + buffer.getClass());
        }
    }

    private static void bytes(byte[] data, boolean signed, int from, int step, int count, double[] target) {
        for (int i = 0; i < count; i++) {
            int value = data[from + i * step];
            target[i] = signed ? value : value & 0xFF;
        }
    }

    private static void unsigned(short[] data, int from, int step, int count, double[] target) {
        for (int i = 0; i < count; i++) {
            target[i] = data[from + i * step] & 0xFFFF;
        }
    }

    private static void signed(short[] data, int from, int step, int count, double[] target) {
        for (int i = 0; i < count; i++) {
            target[i] = data[from + i * step];
        }
    }

    private static void integers(int[] data, boolean unsigned, int from, int step, int count, double[] target) {
        for (int i = 0; i < count; i++) {
            int value = data[from + i * step];
            target[i] = unsigned ? value & 0xFFFFFFFFL : value;
        }
    }
}
