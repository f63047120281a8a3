package org.stegokernels.weights.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.weights.ByteSource;
import org.stegokernels.weights.ModelException;

/** Pickles made by hand, with bad intentions. */
class HostilePickleTest {
    private static final long BUDGET = 4L << 20;

    /** A pickle as text, one char a byte. */
    private static Object load(String pickle) {
        byte[] bytes = pickle.getBytes(StandardCharsets.ISO_8859_1);
        PickleInput input = new PickleInput(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        return new CheckpointUnpickler("hostile.pth", input, BUDGET, id -> id).load();
    }

    private static void assertRefused(String pickle, String... reasons) {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> load(pickle))
                .withMessageContaining("hostile.pth")
                .withMessageContainingAll(reasons);
    }

    @ParameterizedTest
    @CsvSource({
        "os, system",
        "posix, system",
        "builtins, eval",
        "__builtin__, getattr",
        "subprocess, Popen",
        "torch.hub, load",
        "torch.storage, _load_from_bytes",
        "webbrowser, open",
        "java.lang.Runtime, exec",
        "net.razorvine.pickle.Unpickler, load"
    })
    void callsAreRefusedByName(String module, String function) {
        assertRefused(
                "c" + module + "\n" + function + "\n(X\2\0\0\0rmtR.", "\"" + module + "." + function + "\"", "hostile");
        String stacked = "\u0080\4X" + length(module) + module + "X" + length(function) + function + "\u0093)R.";
        assertRefused(stacked, "\"" + module + "." + function + "\"");
    }

    private static String length(String text) {
        return (char) text.length() + "\0\0\0";
    }

    @Test
    void aNameAloneAndAnInstanceOfAnUnknownClassAreInert() {
        assertThat(load("cos\nsystem\n.")).isEqualTo(new PythonName("os.system"));
        Object object = load("cmine\nConfig\n)\u0081}X\1\0\0\0aK\7sb.");
        assertThat(object).isInstanceOfSatisfying(PythonObject.class, inert -> {
            assertThat(inert.className()).isEqualTo("mine.Config");
            assertThat(inert.state()).isEqualTo(Map.of("a", 7));
        });
    }

    @Test
    void aFunctionBehindAFunctionIsRefusedToo() {
        assertRefused("ctorch._tensor\n_rebuild_from_type_v2\n(cos\nsystem\nNX\2\0\0\0rm\u0085}tR.", "\"os.system\"");
        String self = "ctorch._tensor\n_rebuild_from_type_v2\n";
        assertRefused(self + "(" + self + "N)NtR.", "make no sense");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X\u00ff\u00ff\u00ff\u007f.", // a string of 2 GiB
                "X\u00ff\u00ff\u00ff\u00ff.", // of -1 bytes
                "B\0\0\0\u0080.",
                "T\u00ff\u00ff\u00ff\u00ff.",
                "\u008b\u00ff\u00ff\u00ff\u007f.", // a number of 2 GiB
                "\u008e\0\0\0\0\1\0\0\0.", // 4 GiB of bytes
                "\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff.",
                "\u0096\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f."
            })
    void lengthsThatTheFileDoesNotHaveAreRefused(String pickle) {
        assertRefused(pickle, "claims more bytes than there are");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".",
                "R.",
                "e.",
                "0.",
                "a.",
                "}s.",
                "h\1.",
                "(",
                "",
                "Itrue\n.",
                "Fx\n.",
                "L\n.",
                "Sx\n.",
                "N",
                "K",
                "t.",
                "]K\1K\2u.",
                "N)R.",
                "NNb.",
                "\u0080\11.",
                "p0\n.",
                "S'\\x0'\n.",
                "V\\u12\n.",
                "(K\1d.",
                "(io\nx\n.",
                "Pid\n.",
                "\u0082\1.",
                "\u0097.",
                "\u0098.",
                "\u00c1."
            })
    void nonsenseIsRefused(String pickle) {
        assertRefused(pickle, "its pickle is damaged at byte ");
    }

    /** Lists of lists, twice each: 2^64 elements if anybody counted, or compared, or printed them. */
    @Test
    void aBillionLaughsTakeNoTime() {
        StringBuilder pickle = new StringBuilder("]q\0");
        for (int i = 1; i < 64; i++) {
            pickle.append("](h")
                    .append((char) (i - 1))
                    .append('h')
                    .append((char) (i - 1))
                    .append("eq")
                    .append((char) i);
        }
        assertThat(load(pickle + ".")).isInstanceOf(List.class);
        assertRefused(pickle + "}h" + (char) 63 + "K\1s.", "a key that is one of ArrayList");
    }

    @Test
    void aListInItselfIsNoTrap() {
        assertThat(load("]q\0h\0a.")).isInstanceOf(List.class);
        assertRefused("}]q\0h\0aK\1s.", "a key that is one of ArrayList");
    }

    @Test
    void deepNestingIsNoTrap() {
        assertThat(load("]".repeat(10_000) + "a".repeat(9_999) + ".")).isInstanceOf(List.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"}", "]", "(", "(1", "N0", ")", "K\1", "}q\1", "N2", "]q\1(e0"})
    void moreObjectsThanTheFileIsWorthAreRefused(String bomb) {
        assertRefused("]q\1" + bomb.repeat(200_000) + ".", "makes more objects than a file of this size should");
    }

    @Test
    void linesAndNumbersHaveAnEnd() {
        assertRefused("L" + "9".repeat(100_000) + "L\n.", "longer than 4300 bytes");
        assertRefused("c" + "a".repeat(100_000) + "\nb\n.", "longer than 65536 bytes");
    }

    @Test
    void tensorsStayWithinTheirStorage() {
        assertThat(tensor(4, 0, new int[] {2, 2}, new int[] {2, 1}).refusal()).isNull();
        assertThat(tensor(4, 1, new int[] {2, 2}, new int[] {2, 1}).refusal()).contains("beyond the 4 elements");
        assertThat(tensor(4, 0, new int[] {2, 2}, new int[] {Integer.MAX_VALUE, 1})
                        .refusal())
                .contains("beyond");
        assertThat(tensor(1, 0, new int[] {1 << 20}, new int[] {0}).refusal()).contains("1048576 elements");
        assertThat(tensor(4, 9, new int[] {0, 3}, new int[] {3, 1}).refusal()).isNull();
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> tensor(4, 0, new int[] {1 << 20, 1 << 20}, new int[] {1, 1}))
                .withMessageContaining("2^31-1");
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> tensor(4, -1, new int[] {1}, new int[] {1}))
                .withMessageContaining("make no sense");
    }

    private static StoredTensor tensor(long elements, int offset, int[] size, int[] strides) {
        TensorStorage storage = new TensorStorage("0", "torch.FloatStorage", elements);
        Object[] arguments = {storage, offset, boxed(size), boxed(strides), false, Map.of()};
        return (StoredTensor)
                new Rebuild("hostile.pth").call(new PythonName("torch._utils._rebuild_tensor_v2"), arguments);
    }

    private static Object[] boxed(int[] values) {
        Object[] boxed = new Object[values.length];
        for (int i = 0; i < values.length; i++) {
            boxed[i] = values[i];
        }
        return boxed;
    }

    @Test
    void filesOfOtherKindsAreNamed() {
        byte[] tar = new byte[1024];
        System.arraycopy("ustar".getBytes(StandardCharsets.ISO_8859_1), 0, tar, 257, 5);
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> PyTorchCheckpoint.of(ByteSource.memory("old.pth", ByteBuffer.wrap(tar))))
                .withMessageContainingAll("old.pth", "before 2017 (tar)");
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.writeBytes(new byte[] {(byte) 0x80, 2, '}', '.'});
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() ->
                        PyTorchCheckpoint.of(ByteSource.memory("plain.pkl", ByteBuffer.wrap(pickle.toByteArray()))))
                .withMessageContaining("it is a pickle, but not one of torch.save");
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> PyTorchCheckpoint.of(
                        ByteSource.memory("cut.pth", ByteBuffer.wrap(new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0}))))
                .withMessageContaining("without a directory");
    }
}
