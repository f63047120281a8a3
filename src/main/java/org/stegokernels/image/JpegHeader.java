package org.stegokernels.image;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.stream.ImageInputStream;

/**
 * The segments before the pixels of a JPEG file (ITU-T T.81, annex B).
 *
 * @param components the ids of the colour components: 1 for grey, 3 for colour, 4 for CMYK; none if the file ends
 * before
 * @param progressive whether the pixels come in scans that refine each other
 * @param exif the first EXIF segment with its prefix, or null
 * @param jfif whether there is a JFIF segment
 * @param adobe the positions of the Adobe segments
 * @param transform the colour transform that the last of them states, or -1
 * @param profile the positions of the segments of the colour profile
 * @param profileFits whether the profile is whole and of the colours of the components
 */
record JpegHeader(
        List<Integer> components,
        boolean progressive,
        byte[] exif,
        boolean jfif,
        List<Long> adobe,
        int transform,
        List<Long> profile,
        boolean profileFits) {
    static final int START_OF_SCAN = 0xDA;
    static final int END_OF_IMAGE = 0xD9;

    private static final int APP0 = 0xE0;
    private static final int APP1 = 0xE1;
    private static final int APP2 = 0xE2;
    private static final int APP14 = 0xEE;
    /** The code of a segment that decoders pass over. */
    private static final byte PASSED_OVER = (byte) 0xEF;

    private static final int CMYK = 0;
    private static final int YCC = 1;
    private static final byte YCCK = 2;
    private static final List<Integer> RGB_IDS = List.of((int) 'R', (int) 'G', (int) 'B');
    private static final byte[] JFIF = {-1, (byte) APP0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
    private static final byte[] END = {-1, (byte) END_OF_IMAGE};
    /** Marker, length, name and the number of the segment come before a profile's own bytes. */
    private static final int PROFILE_AT = 18;

    static JpegHeader read(ImageInputStream input) throws IOException {
        input.setByteOrder(ByteOrder.BIG_ENDIAN);
        List<Integer> components = new ArrayList<>();
        List<Long> adobe = new ArrayList<>();
        List<Long> profile = new ArrayList<>();
        long profileBytes = 0;
        boolean progressive = false;
        byte[] exif = null;
        boolean jfif = false;
        int transform = -1;
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
            long within = Math.min(length - 2, input.length() - position - 4);
            if (marker == APP1 && exif == null) {
                byte[] segment = new byte[(int) Math.max(0, within)];
                input.readFully(segment);
                exif = Exif.hasPrefix(segment) ? segment : null;
            } else if (marker == APP0 && within >= 14) {
                jfif |= isNamed(input, "JFIF");
            } else if (marker == APP14 && within >= 12 && isNamed(input, "Adobe")) {
                adobe.add(position);
                input.seek(position + 15);
                transform = input.readUnsignedByte();
            } else if (marker == APP2 && within >= 12 && isNamed(input, "ICC_PROFILE")) {
                profile.add(position);
                profileBytes += within - 14;
            } else if (isFrame(marker) && components.isEmpty()) {
                progressive = isProgressive(marker);
                input.seek(position + 9);
                int count = Math.max(0, input.read());
                for (int i = 0; i < count && input.getStreamPosition() + 3 <= input.length(); i++) {
                    components.add(input.readUnsignedByte());
                    input.skipBytes(2);
                }
            }
            position += 2 + length;
        }
        boolean fits = !profile.isEmpty()
                && IccProfile.fits(input, profile.get(0) + PROFILE_AT, profileBytes, components.size());
        return new JpegHeader(components, progressive, exif, jfif, adobe, transform, profile, fits);
    }

    private static boolean isNamed(ImageInputStream input, String name) throws IOException {
        for (int i = 0; i < name.length(); i++) {
            if (input.read() != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether a marker is SOF0 to SOF15; three codes in between mean tables and reserved things. */
    private static boolean isFrame(int marker) {
        return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    }

    private static boolean isProgressive(int marker) {
        return marker == 0xC2 || marker == 0xC6 || marker == 0xCA || marker == 0xCE;
    }

    /**
     * Returns the file as its decoder is to see it, so that it finds the colours that libjpeg does: a JFIF segment
     * proves YCbCr, then the Adobe segment says, then the ids do, and YCbCr or CMYK is what is left. The JDK guesses
     * RGB where the colours are not subsampled, and gives raw components where the Adobe segment does not say YCbCr. A
     * colour profile that does not fit is hidden from it.
     */
    ImageInputStream seen(FileInput file) {
        return seen(file, file.length(), new byte[0]);
    }

    /** As {@link #seen(FileInput)}, with an end marker at a position. */
    ImageInputStream seen(FileInput file, long end) {
        return seen(file, end, END);
    }

    private ImageInputStream seen(FileInput file, long end, byte[] tail) {
        Map<Long, Byte> patches = new HashMap<>();
        if (!profileFits) {
            profile.forEach(position -> patches.put(position + 1, PASSED_OVER));
        }
        if (components.size() == 4 && transform > CMYK) {
            patches.put(adobe.get(adobe.size() - 1) + 15, YCCK);
        }
        boolean ycc = isUnseenYcc();
        if (ycc) {
            adobe.forEach(position -> patches.put(position + 1, PASSED_OVER));
        }
        return ycc || tail.length > 0
                ? new PatchedInput(file, patches, ycc ? JFIF : new byte[0], end, tail)
                : PatchedInput.of(file, patches);
    }

    private boolean isUnseenYcc() {
        if (components.size() != 3) {
            return false;
        }
        if (adobe.isEmpty()) {
            return !jfif && !components.equals(RGB_IDS);
        }
        return transform != YCC && (jfif || transform != 0);
    }
}
