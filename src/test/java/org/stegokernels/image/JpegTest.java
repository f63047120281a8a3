package org.stegokernels.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.stegokernels.image.Samples.PATCHES;
import static org.stegokernels.image.Samples.assertPatches;
import static org.stegokernels.image.Samples.jpeg;
import static org.stegokernels.image.Samples.picture;
import static org.stegokernels.image.Samples.resource;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JPEG files as cameras, editors and attackers leave them: markers that contradict each other, missing or repeated. */
class JpegTest {
    private static final int APP0 = 0xE0;
    private static final int APP2 = 0xE2;
    private static final int APP14 = 0xEE;
    private static final int START_OF_SCAN = 0xDA;
    private static final byte[] JFIF = {'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};

    @TempDir
    Path folder;

    private byte[] baseline;
    private byte[] progressive;

    @BeforeEach
    void encode() throws IOException {
        baseline = bare(jpeg(picture(BufferedImage.TYPE_3BYTE_BGR), false));
        progressive = bare(jpeg(picture(BufferedImage.TYPE_3BYTE_BGR), true));
    }

    private RgbImage read(byte[] bytes) throws IOException {
        return ImageReader.read(Files.write(folder.resolve("image.jpg"), bytes));
    }

    /** Leaves out the segments that say something of the colours. */
    private static byte[] bare(byte[] jpeg) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        int at = 2;
        while ((jpeg[at + 1] & 0xFF) != START_OF_SCAN) {
            int next = at + 2 + length(jpeg, at);
            int marker = jpeg[at + 1] & 0xFF;
            if (marker < APP0 || marker > APP14) {
                out.write(jpeg, at, next - at);
            }
            at = next;
        }
        out.write(jpeg, at, jpeg.length - at);
        return out.toByteArray();
    }

    private static int length(byte[] jpeg, int segment) {
        return (jpeg[segment + 2] & 0xFF) << 8 | jpeg[segment + 3] & 0xFF;
    }

    /** Inserts a segment after the start. */
    private static byte[] with(byte[] jpeg, int marker, byte[] content) {
        return ByteBuffer.allocate(jpeg.length + 4 + content.length)
                .put(jpeg, 0, 2)
                .put((byte) 0xFF)
                .put((byte) marker)
                .putShort((short) (2 + content.length))
                .put(content)
                .put(jpeg, 2, jpeg.length - 2)
                .array();
    }

    private static byte[] adobe(int transform) {
        return new byte[] {'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, (byte) transform};
    }

    private static byte[] profile(byte[] bytes) {
        return ByteBuffer.allocate(14 + bytes.length)
                .put("ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII))
                .put(new byte[] {1, 1})
                .put(bytes)
                .array();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aJfifSegmentProvesYccWhateverTheAdobeSegmentSays(int transform) throws IOException {
        for (byte[] jpeg : new byte[][] {baseline, progressive}) {
            byte[] adobe = with(jpeg, APP14, adobe(transform));
            assertPatches(read(with(adobe, APP0, JFIF)), 3, 4, PATCHES);
            assertPatches(read(with(with(jpeg, APP0, JFIF), APP14, adobe(transform))), 3, 4, PATCHES);
        }
    }

    @Test
    void withoutAnySegmentThreeComponentsAreYcc() throws IOException {
        assertPatches(read(baseline), 3, 4, PATCHES);
        assertPatches(read(with(baseline, APP14, adobe(2))), 3, 4, PATCHES);
    }

    @Test
    void anAdobeSegmentAloneCanSayRgb() throws IOException {
        // This shows the raw components of a picture in YCbCr: white is (255, 128, 128).
        RgbImage raw = read(with(baseline, APP14, adobe(0)));
        int[] white = Samples.middle(raw, 0, 1);
        assertThat(white[0]).isGreaterThan(250);
        assertThat(white[1]).isBetween(120, 136);
    }

    @Test
    void aProfileOfOtherColoursIsIgnored() throws IOException {
        byte[] linear = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
        byte[] plain = read(with(baseline, APP0, JFIF)).rgb();
        for (String space : new String[] {"CMYK", "GRAY", "Lab "}) {
            byte[] other = linear.clone();
            System.arraycopy(space.getBytes(StandardCharsets.US_ASCII), 0, other, 16, 4);
            assertThat(read(with(with(baseline, APP2, profile(other)), APP0, JFIF))
                            .rgb())
                    .as(space)
                    .isEqualTo(plain);
        }
        for (int length : new int[] {0, 100, 300}) {
            byte[] cut = with(with(baseline, APP2, profile(Arrays.copyOf(linear, length))), APP0, JFIF);
            assertThat(read(cut).rgb()).as("cut to " + length).isEqualTo(plain);
            assertThat(ImageReader.size(folder.resolve("image.jpg"))).isEqualTo(new Resize.Size(48, 32));
        }
    }

    @ParameterizedTest
    @CsvSource({"false, nothing", "true, nothing", "false, text", "true, text", "false, another", "true, another"})
    void aFileWithoutEndMarkerIsReadIfEveryPixelIsThere(boolean inScans, String after) throws IOException {
        byte[] whole = with(inScans ? progressive : baseline, APP0, JFIF);
        byte[] trailer = switch (after) {
            case "nothing" -> new byte[0];
            case "text" -> "QDIOBS panorama".repeat(9).getBytes(StandardCharsets.US_ASCII);
            default -> whole;
        };
        byte[] file = ByteBuffer.allocate(whole.length - 2 + trailer.length)
                .put(whole, 0, whole.length - 2)
                .put(trailer)
                .array();
        assertThat(read(file).rgb()).isEqualTo(read(whole).rgb());
    }

    @Test
    void aFileOfFourColoursWithoutEndMarkerIsRead() throws IOException {
        byte[] whole = resource("cmyk.jpg");
        assertThat(read(Arrays.copyOf(whole, whole.length - 2)).rgb())
                .isEqualTo(read(whole).rgb());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFileThatLacksPixelsIsRefusedEvenWithAnEndMarker(boolean inScans) throws IOException {
        byte[] whole = inScans ? progressive : baseline;
        for (int part = 50; part <= 95; part += 5) {
            byte[] cut = Arrays.copyOf(whole, whole.length * part / 100);
            String name = String.format(Locale.ROOT, "%d%%", part);
            assertThatThrownBy(() -> read(cut)).as(name).isInstanceOf(ImageException.class);
        }
    }

    @Test
    void aProgressiveFileThatEndsBetweenScansIsRefused() {
        int at = progressive.length - 1;
        while ((progressive[at - 1] & 0xFF) != 0xFF || (progressive[at] & 0xFF) != START_OF_SCAN) {
            at--;
        }
        byte[] withoutLastScan = Arrays.copyOf(progressive, at - 1);
        assertThatThrownBy(() -> read(withoutLastScan)).hasMessageContaining("the file ends before the image does");
    }

    @Test
    @Timeout(60)
    void aFileTooShortForItsPixelsIsRefusedUndecoded() throws IOException {
        for (byte[] jpeg : new byte[][] {baseline, progressive, resource("cmyk.jpg")}) {
            int frame = 2;
            while ((jpeg[frame + 1] & 0xFF) != 0xC0 && (jpeg[frame + 1] & 0xFF) != 0xC2) {
                frame += 2 + length(jpeg, frame);
            }
            ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 15_000).putShort(frame + 7, (short) 15_000);
            assertThatThrownBy(() -> read(jpeg)).hasMessageContaining("can't hold the 225000000 pixels");
        }
    }

    /** Each empty scan passes over all pixels: a hundred over 99 megapixels took a minute. */
    @Test
    @Timeout(60)
    void scansWithNextToNothingInThemAreRefusedUnseen() throws IOException {
        BufferedImage flat = new BufferedImage(256, 256, BufferedImage.TYPE_BYTE_GRAY);
        byte[] jpeg = jpeg(flat, true);
        int scan = 2;
        while ((jpeg[scan + 1] & 0xFF) != START_OF_SCAN) {
            if ((jpeg[scan + 1] & 0xFF) == 0xC2) {
                jpeg[scan + 5] = 0x26;
                jpeg[scan + 6] = (byte) 0xAC;
                jpeg[scan + 7] = 0x26;
                jpeg[scan + 8] = (byte) 0xAC;
            }
            scan += 2 + length(jpeg, scan);
        }
        int last = jpeg.length - 2;
        while ((jpeg[last] & 0xFF) != 0xFF || (jpeg[last + 1] & 0xFF) != START_OF_SCAN) {
            last--;
        }
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        int data = scan + 2 + length(jpeg, scan);
        bomb.write(jpeg, 0, data);
        // So long that it might hold the pixels.
        bomb.write(new byte[200_000]);
        bomb.write(jpeg, data, last - data);
        for (int i = 0; i < 200; i++) {
            bomb.write(jpeg, last, jpeg.length - 2 - last);
        }
        bomb.write(jpeg, jpeg.length - 2, 2);
        assertThatThrownBy(() -> read(bomb.toByteArray()))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("scans hold next to nothing");
    }
}
