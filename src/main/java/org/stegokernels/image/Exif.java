package org.stegokernels.image;

import com.drew.lang.ByteArrayReader;
import com.drew.metadata.Metadata;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.exif.ExifReader;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import javax.imageio.stream.ImageInputStream;

/**
 * The orientation of the camera. The EXIF block is found here, in bounded memory; metadata-extractor reads it. A
 * damaged block counts as none: the picture is still good.
 */
final class Exif {
    /** Upright: no EXIF block, or no orientation in it. */
    static final int UPRIGHT = 1;

    private static final byte[] JPEG_PREFIX = {'E', 'x', 'i', 'f', 0, 0};
    private static final int PNG_CHUNK = 'e' << 24 | 'X' << 16 | 'I' << 8 | 'f';
    private static final int WEBP_CHUNK = 'E' << 24 | 'X' << 16 | 'I' << 8 | 'F';
    /** The longest block in JPEG; a longer one elsewhere holds no camera's data. */
    private static final int LONGEST_BLOCK = 1 << 16;

    private Exif() {}

    /** Returns the orientation 1 to 8 of the TIFF and EXIF standards. */
    static int orientation(ImageInputStream input, ImageFormat format) throws IOException {
        return switch (format) {
            case JPEG -> orientation(JpegHeader.read(input).exif());
            case PNG -> orientation(pngBlock(input));
            case WEBP -> orientation(webpBlock(input));
            case TIFF, BIG_TIFF -> upright(new TiffHeader(input).integer(TiffHeader.ORIENTATION, UPRIGHT));
            case GIF, BMP -> UPRIGHT;
        };
    }

    /** Finds the block of a PNG: length, type, content, checksum. */
    private static byte[] pngBlock(ImageInputStream input) throws IOException {
        input.setByteOrder(ByteOrder.BIG_ENDIAN);
        long length;
        for (long position = 8; position + 8 <= input.length(); position += 12 + length) {
            input.seek(position);
            length = input.readUnsignedInt();
            if (input.readInt() == PNG_CHUNK) {
                return content(input, position + 8, length);
            }
        }
        return null;
    }

    /** Finds the block of a WebP: type, length, content, padded to an even length. */
    private static byte[] webpBlock(ImageInputStream input) throws IOException {
        long length;
        for (long position = 12; position + 8 <= input.length(); position += 8 + length + (length & 1)) {
            input.seek(position);
            input.setByteOrder(ByteOrder.BIG_ENDIAN);
            int type = input.readInt();
            input.setByteOrder(ByteOrder.LITTLE_ENDIAN);
            length = input.readUnsignedInt();
            if (type == WEBP_CHUNK) {
                return content(input, position + 8, length);
            }
        }
        return null;
    }

    private static byte[] content(ImageInputStream input, long position, long length) throws IOException {
        if (length > LONGEST_BLOCK || position + length > input.length()) {
            return null;
        }
        byte[] content = new byte[(int) length];
        input.seek(position);
        input.readFully(content);
        return content;
    }

    /** Reads the TIFF structure within a segment: JPEG and some writers of WebP put a prefix before it. */
    private static int orientation(byte[] block) {
        if (block == null) {
            return UPRIGHT;
        }
        Metadata metadata = new Metadata();
        new ExifReader().extract(new ByteArrayReader(block), metadata, hasPrefix(block) ? JPEG_PREFIX.length : 0);
        return orientation(metadata);
    }

    static boolean hasPrefix(byte[] block) {
        return block.length >= JPEG_PREFIX.length
                && Arrays.equals(block, 0, JPEG_PREFIX.length, JPEG_PREFIX, 0, JPEG_PREFIX.length);
    }

    private static int orientation(Metadata metadata) {
        ExifIFD0Directory directory = metadata.getFirstDirectoryOfType(ExifIFD0Directory.class);
        Integer value = directory == null ? null : directory.getInteger(ExifIFD0Directory.TAG_ORIENTATION);
        return value == null ? UPRIGHT : upright(value);
    }

    private static int upright(int orientation) {
        return orientation < 1 || orientation > 8 ? UPRIGHT : orientation;
    }
}
