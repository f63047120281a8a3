package org.stegokernels.image.webp;

import java.util.Arrays;
import javax.imageio.IIOException;

/** Decodes a VP8 key frame (RFC 6386). */
final class LossyDecoder {
    /** Before the first partition: frame tag, start code, width and height (section 9.1). */
    static final int HEADER_BYTES = 10;

    private static final int HIGHEST_PROFILE = 3;

    private final FrameHeader header;
    private final Frame frame;
    private final Modes modes;
    private final Coefficients coefficients;
    private final BoolDecoder[] partitions;
    private final Prediction prediction = new Prediction();
    /** Level of the loop filter of each macroblock, and below, whether it filters inside. */
    private final byte[] filterLevels;

    private final boolean[] filtersInside;

    private LossyDecoder(byte[] data, Size size) throws IIOException {
        int firstLength = (data[0] & 0xFF | (data[1] & 0xFF) << 8 | (data[2] & 0xFF) << 16) >> 5;
        int firstEnd = HEADER_BYTES + firstLength;
        if (firstEnd > data.length) {
            throw new IIOException("the first partition is longer than the lossy frame");
        }
        BoolDecoder first = new BoolDecoder(data, HEADER_BYTES, firstEnd);
        header = FrameHeader.read(first);
        partitions = partitions(data, firstEnd, header.partitions());
        // The two modes of a macroblock take a bit at the very least: memory is asked for in proportion to the data.
        if (Frame.columns(size) * Frame.rows(size) > Byte.SIZE * (long) firstLength) {
            throw new IIOException("the first partition is too short for so many pixels");
        }
        frame = Frame.of(size);
        modes = new Modes(first, header, frame.columns());
        coefficients = new Coefficients(header.tokens(), frame.columns());
        filterLevels = new byte[frame.columns() * frame.rows()];
        filtersInside = new boolean[filterLevels.length];
    }

    /**
     * Reads the size in a frame's header.
     *
     * @param data at least the first {@link #HEADER_BYTES} of the frame
     */
    static Size size(byte[] data) throws IIOException {
        if (data.length < HEADER_BYTES) {
            throw new IIOException("the lossy frame is shorter than its header");
        }
        boolean keyFrame = (data[0] & 1) == 0;
        boolean shown = (data[0] & 0x10) != 0;
        if (!keyFrame || !shown || (data[0] >> 1 & 7) > HIGHEST_PROFILE) {
            throw new IIOException("the lossy frame is not one that stands alone");
        }
        if (data[3] != (byte) 0x9D || data[4] != 1 || data[5] != 0x2A) {
            throw new IIOException("the lossy frame lacks its start code");
        }
        // The upper two bits ask the viewer for a larger picture, and no viewer does so.
        int width = (data[6] & 0xFF | data[7] << 8) & 0x3FFF;
        int height = (data[8] & 0xFF | data[9] << 8) & 0x3FFF;
        if (width == 0 || height == 0) {
            throw new IIOException("the lossy frame has no pixels");
        }
        return new Size(width, height);
    }

    /** Decodes a frame. */
    static Frame decode(byte[] data) throws IIOException {
        LossyDecoder decoder = new LossyDecoder(data, size(data));
        decoder.decode();
        return decoder.frame;
    }

    /** Finds the partitions of coefficients: the lengths of all but the last, then their bytes (section 9.5). */
    private static BoolDecoder[] partitions(byte[] data, int start, int count) throws IIOException {
        int at = start + 3 * (count - 1);
        if (at > data.length) {
            throw new IIOException("the lossy frame ends before its partitions");
        }
        BoolDecoder[] partitions = new BoolDecoder[count];
        for (int i = 0; i < count; i++) {
            int end = data.length;
            if (i < count - 1) {
                int field = start + 3 * i;
                int length = data[field] & 0xFF | (data[field + 1] & 0xFF) << 8 | (data[field + 2] & 0xFF) << 16;
                end = Math.min(at + length, data.length);
            }
            partitions[i] = new BoolDecoder(data, at, end);
            at = end;
        }
        return partitions;
    }

    private void decode() throws IIOException {
        for (int row = 0; row < frame.rows(); row++) {
            BoolDecoder partition = partitions[row % partitions.length];
            modes.startRow();
            coefficients.startRow();
            for (int column = 0; column < frame.columns(); column++) {
                modes.read(column);
                boolean bySubblock = modes.luma == Modes.BY_SUBBLOCK;
                boolean hasResidue = false;
                if (modes.skipped) {
                    coefficients.skip(column, !bySubblock);
                } else {
                    Quantizer quantizer = header.quantizers()[modes.segment];
                    hasResidue = coefficients.read(partition, quantizer, column, !bySubblock);
                }
                reconstruct(column, row, hasResidue);
                int macroblock = row * frame.columns() + column;
                filterLevels[macroblock] =
                        (byte) header.filter().level(header.segmentation(), modes.segment, bySubblock);
                filtersInside[macroblock] = bySubblock || hasResidue;
            }
        }
        if (header.filter().level() > 0) {
            new LoopFilter(frame, header.filter()).filter(filterLevels, filtersInside);
        }
    }

    private void reconstruct(int column, int row, boolean hasResidue) {
        boolean hasAbove = row > 0;
        boolean hasLeft = column > 0;
        Frame.Plane luma = frame.luma();
        int at = luma.index(16 * column, 16 * row);
        if (modes.luma == Modes.BY_SUBBLOCK) {
            extendAbove(column, row);
            for (int i = 0; i < Coefficients.LUMA_BLOCKS; i++) {
                int x = 4 * (i % 4);
                int y = 4 * (i / 4);
                int block = at + y * luma.stride() + x;
                // Right of the macroblock only the row above it is there yet: it serves all four rows of subblocks.
                int aboveRight = (x == 12 ? at + x : block) - luma.stride() + 4;
                prediction.subblock(modes.subblocks[i], luma, block, aboveRight);
                if (hasResidue) {
                    addResidue(luma, block, i);
                }
            }
        } else {
            prediction.block(modes.luma, luma, at, 16, hasAbove, hasLeft);
            for (int i = 0; hasResidue && i < Coefficients.LUMA_BLOCKS; i++) {
                addResidue(luma, at + 4 * (i / 4) * luma.stride() + 4 * (i % 4), i);
            }
        }
        reconstructChroma(frame.u(), Coefficients.CHROMA, column, row, hasResidue);
        reconstructChroma(frame.v(), Coefficients.CHROMA + 4, column, row, hasResidue);
    }

    /**
     * Extends the row above. Right of the last macroblock of a row, its neighbour above is continued by that one's last
     * pixel.
     */
    private void extendAbove(int column, int row) {
        if (column == frame.columns() - 1 && row > 0) {
            Frame.Plane luma = frame.luma();
            int end = luma.index(16 * column + 16, 16 * row - 1);
            Arrays.fill(luma.pixels(), end, end + 4, luma.pixels()[end - 1]);
        }
    }

    private void reconstructChroma(Frame.Plane plane, int firstBlock, int column, int row, boolean hasResidue) {
        int at = plane.index(8 * column, 8 * row);
        prediction.block(modes.chroma, plane, at, 8, row > 0, column > 0);
        for (int i = 0; hasResidue && i < 4; i++) {
            addResidue(plane, at + 4 * (i / 2) * plane.stride() + 4 * (i % 2), firstBlock + i);
        }
    }

    private void addResidue(Frame.Plane plane, int at, int block) {
        int count = coefficients.counts[block];
        if (count > 1) {
            InverseTransform.addCosine(coefficients.values, 16 * block, plane.pixels(), at, plane.stride());
        } else if (count == 1) {
            InverseTransform.addConstant(coefficients.values[16 * block], plane.pixels(), at, plane.stride());
        }
    }
}
