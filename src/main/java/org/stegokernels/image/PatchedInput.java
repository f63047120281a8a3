package org.stegokernels.image;

import java.io.IOException;
import java.util.Map;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A file as its decoder is to see it: single bytes changed, bytes inserted near the start, or cut and ended anew. The
 * file is not closed with it.
 */
final class PatchedInput extends ImageInputStreamImpl {
    /** Position of the inserted bytes: after the start marker of a JPEG. */
    private static final int INSERTED_AT = 2;

    private final FileInput file;
    private final Map<Long, Byte> patches;
    private final byte[] inserted;
    private final long end;
    private final byte[] tail;

    /**
     * @param patches the new bytes by their positions in the file
     * @param inserted comes after the second byte
     * @param end how much of the file is seen
     * @param tail comes after it
     */
    PatchedInput(FileInput file, Map<Long, Byte> patches, byte[] inserted, long end, byte[] tail) {
        this.file = file;
        this.patches = patches;
        this.inserted = inserted;
        this.end = end;
        this.tail = tail;
    }

    /** Returns the file with single bytes changed, or itself if there are none. */
    static ImageInputStream of(FileInput file, Map<Long, Byte> patches) {
        return patches.isEmpty() ? file : new PatchedInput(file, patches, new byte[0], file.length(), new byte[0]);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        bitOffset = 0;
        if (length == 0) {
            return 0;
        }
        int count;
        long place = streamPos < INSERTED_AT ? streamPos : streamPos - inserted.length;
        if (streamPos >= INSERTED_AT && place < INSERTED_AT) {
            count = copy(inserted, streamPos - INSERTED_AT, target, offset, length);
        } else if (place >= end) {
            count = place < end + tail.length ? copy(tail, place - end, target, offset, length) : -1;
        } else {
            long most = Math.min(length, (streamPos < INSERTED_AT ? INSERTED_AT : end) - place);
            file.seek(place);
            count = file.read(target, offset, (int) most);
            for (Map.Entry<Long, Byte> patch : patches.entrySet()) {
                long at = patch.getKey() - place;
                if (at >= 0 && at < count) {
                    target[offset + (int) at] = patch.getValue();
                }
            }
        }
        streamPos += Math.max(0, count);
        return count;
    }

    private static int copy(byte[] from, long start, byte[] target, int offset, int length) {
        int count = (int) Math.min(length, from.length - start);
        System.arraycopy(from, (int) start, target, offset, count);
        return count;
    }

    @Override
    public long length() {
        return inserted.length + end + tail.length;
    }
}
