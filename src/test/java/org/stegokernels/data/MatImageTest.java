package org.stegokernels.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.MatFile;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Sinks;

class MatImageTest {
    private static final int UINT8_CLASS = 9;
    private static final int UINT8_DATA = 2;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(
            value = MatlabType.class,
            names = {"Double", "Single", "Int8", "UInt8", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64"})
    void numbersOfEveryTypeAreRead(MatlabType type) throws IOException {
        Matrix labels = Mat5.newMatrix(3, 5, type);
        for (int y = 0; y < 3; y++) {
            for (int x = 0; x < 5; x++) {
                labels.setInt(y, x, 10 * y + x);
            }
        }
        LabelMap map = MatImage.labels(written(Mat5.newMatFile().addArray("gt", labels)), ImageReader.Limits.DEFAULT);
        assertThat(map.width()).isEqualTo(5);
        assertThat(map.height()).isEqualTo(3);
        assertThat(map.labels()).containsExactly(0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24);
    }

    @Test
    void imageIsFoundAmongOtherVariables() throws IOException {
        int[] dims = {2, 3, 4};
        Matrix image = Mat5.newMatrix(dims, MatlabType.UInt8);
        for (int i = 0; i < 24; i++) {
            image.setInt(i, 10 * i);
        }
        Path file = written(Mat5.newMatFile()
                .addArray("title", Mat5.newString("a tile"))
                .addArray("parts", Mat5.newCell(1, 2).set(0, Mat5.newScalar(1)).set(1, Mat5.newString("b")))
                .addArray("im", Mat5.newScalar(3))
                .addArray("img", image));
        RgbImage read = MatImage.image(file, ImageReader.Limits.DEFAULT);
        assertThat(MatImage.size(file, ImageReader.Limits.DEFAULT)).isEqualTo(new Resize.Size(3, 2));
        // Column x, row y, channel c is number 6 c + 2 x + y.
        assertThat(read.rgb())
                .startsWith(new byte[] {0, 60, 120, 20, 80, (byte) 140, 40, 100, (byte) 160, 10, 70, (byte) 130});
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void byteOrderIsThatOfTheFile(boolean big) throws IOException {
        byte[] array = array(big, UINT8_CLASS, new int[] {1, 3}, "gt", UINT8_DATA, 3, new byte[] {7, 8, 9});
        assertThat(MatImage.labels(file(big, element(big, 14, array)), ImageReader.Limits.DEFAULT)
                        .labels())
                .containsExactly(7, 8, 9);
    }

    @Test
    void declaredSizesForWhichTheFileIsTooShortAreRefused() throws IOException {
        int[] large = {20_000, 20_000};
        assertRefused("ends before", element(false, 14, head(large, UINT8_DATA, 400_000_000)));
        assertRefused("ends before", compressed(head(large, UINT8_DATA, 400_000_000)));
        assertRefused("ends before", element(false, 14, new byte[64], 0x7FFFFFFF));
        assertRefused("does not hold", element(false, 14, head(large, UINT8_DATA, 12)));
        assertRefused("does not hold", element(false, 14, head(new int[] {46_341, 46_341, 2}, UINT8_DATA, 12)));
    }

    @Test
    void impossibleMatricesAreRefused() throws IOException {
        assertRefused("is empty", element(false, 14, head(new int[] {0, 5}, UINT8_DATA, 0)));
        assertRefused("impossible size -1x5", element(false, 14, head(new int[] {-1, 5}, UINT8_DATA, 5)));
        assertRefused("does not hold", element(false, 14, head(new int[] {4}, UINT8_DATA, 4)));
        assertRefused("does not hold", element(false, 14, head(new int[] {2, 2}, 14, 4)));
        assertRefused("impossible length", element(false, 14, new byte[0]));
        assertRefused(
                "no full matrix", element(false, 14, array(false, 1, new int[] {1, 1}, "gt", 14, 0, new byte[0])));
    }

    @Test
    void compressedDataAreInflatedNoFurtherThanNeeded() throws IOException {
        // Zeros shrink a thousandfold: more of them than memory would come out of what is left of the file.
        byte[] head = array(false, UINT8_CLASS, new int[] {2, 2}, "gt", UINT8_DATA, 4, new byte[] {1, 2, 3, 4});
        byte[] bomb = new byte[200_000_000];
        System.arraycopy(element(false, 14, head), 0, bomb, 0, head.length + 8);
        assertThat(MatImage.labels(file(false, compressedWhole(bomb)), ImageReader.Limits.DEFAULT)
                        .labels())
                .containsExactly(1, 3, 2, 4);
        byte[] damaged = compressed(head);
        damaged[12] ^= 0x55;
        damaged[13] ^= 0x55;
        assertThatThrownBy(() -> MatImage.labels(file(false, damaged), ImageReader.Limits.DEFAULT))
                .isInstanceOf(ImageException.class);
    }

    @Test
    void deeplyNestedCellsAreSkipped() throws IOException {
        byte[] nested = array(false, 1, new int[] {1, 1}, "c", 14, 0, new byte[0]);
        for (int depth = 0; depth < 2000; depth++) {
            byte[] outer = array(false, 1, new int[] {1, 1}, "c", 14, nested.length, nested);
            nested = outer;
        }
        assertRefused("it has no matrix gt", element(false, 14, nested));
    }

    @Test
    void valuesThatAreNoSamplesAreRefused() throws IOException {
        for (double value : new double[] {0.5, -1, 256, Double.NaN, Double.POSITIVE_INFINITY}) {
            Matrix labels = Mat5.newMatrix(1, 2);
            labels.setDouble(1, value);
            Path file = written(Mat5.newMatFile().addArray("gt", labels));
            assertThatThrownBy(() -> MatImage.labels(file, ImageReader.Limits.DEFAULT))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("it has the value " + value + ", not a whole number from 0 to 255");
        }
    }

    @Test
    void otherFormatsAreNamed() throws IOException {
        Path newer = Files.writeString(
                folder.resolve("newer.mat"), "MATLAB 7.3 MAT-file, Platform: GLNXA64" + " ".repeat(200));
        assertThatThrownBy(() -> MatImage.image(newer, ImageReader.Limits.DEFAULT))
                .hasMessageContaining("version 7.3")
                .hasMessageContaining("-v7");
        Path text = Files.writeString(folder.resolve("text.mat"), "damaged");
        assertThatThrownBy(() -> MatImage.image(text, ImageReader.Limits.DEFAULT))
                .hasMessageContaining("is no MATLAB file of level 5");
        assertThatThrownBy(() -> MatImage.image(folder.resolve("gone.mat"), ImageReader.Limits.DEFAULT))
                .isInstanceOf(ImageException.class);
    }

    private void assertRefused(String reason, byte[] element) throws IOException {
        Path file = file(false, element);
        assertThatThrownBy(() -> MatImage.labels(file, ImageReader.Limits.DEFAULT))
                .isInstanceOf(ImageException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(reason);
    }

    private Path written(MatFile contents) throws IOException {
        Path file = folder.resolve("tile.mat");
        try (var sink = Sinks.newStreamingFile(file.toFile())) {
            contents.writeTo(sink);
        }
        return file;
    }

    private Path file(boolean big, byte[] elements) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(128 + elements.length).order(order(big));
        bytes.put("MATLAB 5.0 MAT-file".getBytes(StandardCharsets.US_ASCII)).position(124);
        bytes.putShort((short) 0x0100).putShort((short) ('M' << 8 | 'I')).put(elements);
        return Files.write(folder.resolve("hostile.mat"), bytes.array());
    }

    /** A matrix of labels without its numbers. */
    private static byte[] head(int[] dimensions, int type, int length) {
        return array(false, UINT8_CLASS, dimensions, "gt", type, length, new byte[0]);
    }

    private static byte[] array(
            boolean big, int arrayClass, int[] dimensions, String name, int type, int length, byte[] data) {
        int padded = (data.length + 7) / 8 * 8;
        ByteBuffer bytes = ByteBuffer.allocate(16 + 8 + (dimensions.length + 1) / 2 * 8 + 8 + 8 + padded)
                .order(order(big));
        bytes.putInt(6).putInt(8).putInt(arrayClass).putInt(0);
        bytes.putInt(5).putInt(4 * dimensions.length);
        bytes.duplicate().order(order(big)).asIntBuffer().put(dimensions);
        bytes.position(bytes.position() + (dimensions.length + 1) / 2 * 8);
        // A short element: length, type and data in eight bytes.
        bytes.putInt(name.length() << 16 | 1).put(name.getBytes(StandardCharsets.US_ASCII));
        bytes.position((bytes.position() + 7) / 8 * 8);
        bytes.putInt(type).putInt(length).put(data);
        return bytes.array();
    }

    private static byte[] element(boolean big, int type, byte[] data) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + data.length).order(order(big));
        return bytes.putInt(type).putInt(data.length).put(data).array();
    }

    private static byte[] element(boolean big, int type, byte[] data, int length) {
        byte[] bytes = element(big, type, data);
        ByteBuffer.wrap(bytes).order(order(big)).putInt(4, length);
        return bytes;
    }

    private static byte[] compressed(byte[] array) throws IOException {
        return compressedWhole(element(false, 14, array));
    }

    private static byte[] compressedWhole(byte[] element) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes)) {
            out.write(element);
        }
        return element(false, 15, bytes.toByteArray());
    }

    private static ByteOrder order(boolean big) {
        return big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }
}
