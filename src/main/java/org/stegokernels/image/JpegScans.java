package org.stegokernels.image;

import java.io.IOException;
import java.util.Arrays;
import javax.imageio.stream.ImageInputStream;

/**
 * The scans of a JPEG file, found by their markers without decoding (ITU-T T.81, annexes B and G).
 *
 * @param count how many there are
 * @param bytes the length of their data
 * @param complete whether every coefficient of every component has come in its full precision
 * @param end the position after the last scan's data
 * @param ended whether the end marker follows there
 */
record JpegScans(int count, long bytes, boolean complete, long end, boolean ended) {
    /** Common files have up to 18, and encoders that search for the best scans write no more. */
    private static final int FREE_SCANS = 24;
    /** A scan of fewer bits than this for each block of 64 pixels is filling, not a picture. */
    private static final int PIXELS_PER_BYTE = 2048;

    private static final int COEFFICIENTS = 64;
    private static final int MOST_COMPONENTS = 4;
    private static final int UNSEEN = -1;
    private static final int RESTART = 0xD0;

    /** Returns whether there are more scans than their data can fill: each makes the decoder pass over all pixels. */
    boolean tooMany(long pixels) {
        return count > FREE_SCANS + bytes / (1 + pixels / PIXELS_PER_BYTE);
    }

    /** Walks through a file to its end marker or to its end. */
    static JpegScans read(ImageInputStream input, JpegHeader header) throws IOException {
        Walk walk = new Walk(input, header);
        walk.run();
        return new JpegScans(walk.count, walk.bytes, walk.isComplete(), walk.end, walk.ended);
    }

    private static final class Walk {
        private final ImageInputStream input;
        private final JpegHeader header;
        /** The lowest bit that has come, by component and coefficient. */
        private final int[][] lowest = new int[MOST_COMPONENTS][COEFFICIENTS];

        private int count;
        private long bytes;
        private long end;
        private boolean ended;

        Walk(ImageInputStream input, JpegHeader header) {
            this.input = input;
            this.header = header;
            for (int[] component : lowest) {
                Arrays.fill(component, UNSEEN);
            }
        }

        void run() throws IOException {
            long position = 2;
            while (position + 4 <= input.length()) {
                input.seek(position);
                if (input.read() != 0xFF) {
                    return;
                }
                int marker = input.read();
                if (marker == 0xFF) {
                    position++;
                    continue;
                }
                int length = input.readUnsignedShort();
                if (marker == JpegHeader.START_OF_SCAN) {
                    scan();
                    end = endOfData(position + 2 + length);
                    bytes += end - position;
                    ended = marker(end) == JpegHeader.END_OF_IMAGE;
                    position = end;
                } else {
                    position += 2 + length;
                }
                if (ended || marker == JpegHeader.END_OF_IMAGE) {
                    return;
                }
            }
        }

        private int marker(long position) throws IOException {
            input.seek(position);
            return input.read() == 0xFF ? input.read() : UNSEEN;
        }

        private void scan() throws IOException {
            count++;
            int components = input.read();
            int[] indices = new int[Math.max(0, Math.min(components, MOST_COMPONENTS))];
            for (int i = 0; i < indices.length; i++) {
                indices[i] = header.components().indexOf(input.read());
                input.read();
            }
            int first = header.progressive() ? input.read() : 0;
            int last = header.progressive() ? input.read() : COEFFICIENTS - 1;
            int low = header.progressive() ? input.read() & 0xF : 0;
            for (int index : indices) {
                for (int i = Math.max(0, first); index >= 0 && index < MOST_COMPONENTS && i <= last; i++) {
                    lowest[index][i % COEFFICIENTS] = low;
                }
            }
        }

        /** Finds the end of the data. The data ends at a marker other than those that restart it. */
        private long endOfData(long start) throws IOException {
            byte[] buffer = new byte[1 << 14];
            long position = start;
            boolean escaped = false;
            input.seek(Math.min(start, input.length()));
            int read;
            while ((read = input.read(buffer)) > 0) {
                for (int i = 0; i < read; i++) {
                    int value = buffer[i] & 0xFF;
                    if (escaped && value != 0 && value != 0xFF && (value & ~7) != RESTART) {
                        return position + i - 1;
                    }
                    escaped = value == 0xFF;
                }
                position += read;
            }
            return input.length();
        }

        boolean isComplete() {
            int components = Math.min(header.components().size(), MOST_COMPONENTS);
            for (int component = 0; component < components; component++) {
                for (int bit : lowest[component]) {
                    if (bit != 0) {
                        return false;
                    }
                }
            }
            return components > 0;
        }
    }
}
