package org.stegokernels.image;

import java.io.IOException;
import java.nio.ByteOrder;
import javax.imageio.stream.ImageInputStream;

/**
 * What the segments before the pixels of a JPEG file say (ITU-T T.81, annex B).
 *
 * @param components 1 for grey, 3 for colour, 4 for CMYK; 0 if the file ends before it says so
 * @param exif the first EXIF segment with its prefix, or null
 */
record JpegHeader(int components, byte[] exif) {
    private static final int APP1 = 0xE1;
    private static final int START_OF_SCAN = 0xDA;
    private static final int END_OF_IMAGE = 0xD9;

    static JpegHeader read(ImageInputStream input) throws IOException {
        input.setByteOrder(ByteOrder.BIG_ENDIAN);
        byte[] exif = null;
        long position = 2;
        while (position + 4 <= input.length()) {
            input.seek(position);
            if (input.read() != 0xFF) {
                break;
            }
            int marker = input.read();
            if (marker == 0xFF) {
                position++;
                continue;
            }
            if (marker == START_OF_SCAN || marker == END_OF_IMAGE) {
                break;
            }
            int length = input.readUnsignedShort();
            if (marker == APP1 && exif == null) {
                byte[] segment = new byte[(int) Math.max(0, Math.min(length - 2, input.length() - position - 4))];
                input.readFully(segment);
                exif = Exif.hasPrefix(segment) ? segment : null;
            } else if (isFrame(marker)) {
                input.skipBytes(5);
                return new JpegHeader(Math.max(0, input.read()), exif);
            }
            position += 2 + length;
        }
        return new JpegHeader(0, exif);
    }

    /** SOF0 to SOF15; three codes in between mean tables and reserved things. */
    private static boolean isFrame(int marker) {
        return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    }
}
