package org.stegokernels.image.webp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.IIOException;
import org.junit.jupiter.api.Test;
import org.stegokernels.image.webp.WebpFiles.BitWriter;

class PrefixCodeTest {
    private final Random random = new Random(3);

    /** Splits leaves at random until there are as many as symbols, and gives the symbols their depths. */
    private int[] lengths(int alphabet, int symbols) {
        List<Integer> leaves = new ArrayList<>(List.of(0));
        while (leaves.size() < symbols) {
            int leaf = random.nextInt(leaves.size());
            if (leaves.get(leaf) < PrefixCode.LONGEST) {
                int depth = leaves.remove(leaf) + 1;
                leaves.add(depth);
                leaves.add(depth);
            }
        }
        int[] lengths = new int[alphabet];
        for (int depth : leaves) {
            int symbol = random.nextInt(alphabet);
            while (lengths[symbol] > 0) {
                symbol = (symbol + 1) % alphabet;
            }
            lengths[symbol] = depth;
        }
        return lengths;
    }

    /** Canonical: shorter codes first, among equals smaller symbols first, each the number after the last. */
    private static int[] codes(int[] lengths) {
        int[] codes = new int[lengths.length];
        int next = 0;
        int before = 0;
        for (int symbol : IntStream.range(0, lengths.length)
                .filter(symbol -> lengths[symbol] > 0)
                .boxed()
                .sorted(Comparator.comparing(symbol -> lengths[symbol]))
                .toList()) {
            next <<= lengths[symbol] - before;
            before = lengths[symbol];
            codes[symbol] = next++;
        }
        return codes;
    }

    @Test
    void symbolsOfRandomCodesAreReadBack() throws IIOException {
        for (int round = 0; round < 200; round++) {
            int alphabet = 40 + random.nextInt(2300);
            int[] lengths = lengths(alphabet, 2 + random.nextInt(alphabet - 1));
            int[] codes = codes(lengths);
            int[] message = random.ints(500, 0, alphabet)
                    .filter(symbol -> lengths[symbol] > 0)
                    .toArray();
            BitWriter bits = new BitWriter();
            for (int symbol : message) {
                bits.write(Integer.reverse(codes[symbol]) >>> 32 - lengths[symbol], lengths[symbol]);
            }
            BitReader input = new BitReader(bits.bytes(), 0);
            PrefixCode code = PrefixCode.of(lengths);
            for (int symbol : message) {
                assertThat(code.readSymbol(input)).isEqualTo(symbol);
            }
        }
    }

    @Test
    void singleSymbolTakesNoBits() throws IIOException {
        PrefixCode code = PrefixCode.of(new int[] {0, 0, 7, 0});
        assertThat(code.readSymbol(new BitReader(new byte[0], 0))).isEqualTo(2);
    }

    @Test
    void codeThatIsNotCompleteIsRefused() {
        for (int[] lengths : new int[][] {{0, 0}, {1, 2}, {1, 1, 1}, {2, 2, 2}, {1, 15, 15}, {1, 2, 2, 15}}) {
            assertThatThrownBy(() -> PrefixCode.of(lengths))
                    .isInstanceOf(IIOException.class)
                    .hasMessageContaining("not complete");
        }
    }

    @Test
    void symbolOutsideTheAlphabetIsRefused() {
        byte[] simple =
                new BitWriter().write(1, 1).write(0, 1).write(1, 1).write(40, 8).bytes();
        assertThatThrownBy(() -> PrefixCode.read(new BitReader(simple, 0), 40))
                .isInstanceOf(IIOException.class)
                .hasMessageContaining("not in its alphabet");
    }

    @Test
    void dataThatEndInACodeAreRefused() throws IIOException {
        PrefixCode code = PrefixCode.of(new int[] {2, 2, 2, 2});
        BitReader input = new BitReader(new byte[1], 0);
        for (int i = 0; i < 4; i++) {
            assertThat(code.readSymbol(input)).isZero();
        }
        assertThatThrownBy(() -> code.readSymbol(input)).isInstanceOf(IIOException.class);
    }
}
