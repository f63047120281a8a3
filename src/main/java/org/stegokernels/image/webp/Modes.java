package org.stegokernels.image.webp;

import java.util.Arrays;
import javax.imageio.IIOException;

/**
 * Reads what the first partition says of each macroblock, row by row (RFC 6386, sections 10 and 11). The fields hold
 * the macroblock read last.
 */
final class Modes {
    /** The modes of a whole block of luma or chroma. */
    static final int DC = 0;

    static final int VERTICAL = 1;
    static final int HORIZONTAL = 2;
    static final int TRUE_MOTION = 3;
    /** Each subblock of luma has a mode of its own. */
    static final int BY_SUBBLOCK = 4;

    /** The modes of a subblock. */
    static final int B_DC = 0;

    static final int B_TRUE_MOTION = 1;
    static final int B_VERTICAL = 2;
    static final int B_HORIZONTAL = 3;
    static final int B_LEFT_DOWN = 4;
    static final int B_RIGHT_DOWN = 5;
    static final int B_VERTICAL_RIGHT = 6;
    static final int B_VERTICAL_LEFT = 7;
    static final int B_HORIZONTAL_DOWN = 8;
    static final int B_HORIZONTAL_UP = 9;

    private static final int SUBBLOCK_MODES = 10;
    private static final int BRANCHES = SUBBLOCK_MODES - 1;

    /** A leaf m of the tree is written as -m, the root's place is never a branch. */
    private static final int[] SUBBLOCK_TREE = {
        -B_DC,
        2,
        -B_TRUE_MOTION,
        4,
        -B_VERTICAL,
        6,
        8,
        12,
        -B_HORIZONTAL,
        10,
        -B_RIGHT_DOWN,
        -B_VERTICAL_RIGHT,
        -B_LEFT_DOWN,
        14,
        -B_VERTICAL_LEFT,
        16,
        -B_HORIZONTAL_DOWN,
        -B_HORIZONTAL_UP
    };

    /** A line of the tree's branches for each mode above and each mode to the left (section 11.5). */
    private static final int[] SUBBLOCK_PROBABILITIES = NumberTable.parse("""
            231 120  48  89 115 113 120 152 112
            152 179  64 126 170 118  46  70  95
            175  69 143  80  85  82  72 155 103
             56  58  10 171 218 189  17  13 152
            144  71  10  38 171 213 144  34  26
            114  26  17 163  44 195  21  10 173
            121  24  80 195  26  62  44  64  85
            170  46  55  19 136 160  33 206  71
             63  20   8 114 114 208  12   9 226
             81  40  11  96 182  84  29  16  36

            134 183  89 137  98 101 106 165 148
             72 187 100 130 157 111  32  75  80
             66 102 167  99  74  62  40 234 128
             41  53   9 178 241 141  26   8 107
            104  79  12  27 217 255  87  17   7
             74  43  26 146  73 166  49  23 157
             65  38 105 160  51  52  31 115 128
             87  68  71  44 114  51  15 186  23
             47  41  14 110 182 183  21  17 194
             66  45  25 102 197 189  23  18  22

             88  88 147 150  42  46  45 196 205
             43  97 183 117  85  38  35 179  61
             39  53 200  87  26  21  43 232 171
             56  34  51 104 114 102  29  93  77
            107  54  32  26  51   1  81  43  31
             39  28  85 171  58 165  90  98  64
             34  22 116 206  23  34  43 166  73
             68  25 106  22  64 171  36 225 114
             34  19  21 102 132 188  16  76 124
             62  18  78  95  85  57  50  48  51

            193 101  35 159 215 111  89  46 111
             60 148  31 172 219 228  21  18 111
            112 113  77  85 179 255  38 120 114
             40  42   1 196 245 209  10  25 109
            100  80   8  43 154   1  51  26  71
             88  43  29 140 166 213  37  43 154
             61  63  30 155  67  45  68   1 209
            142  78  78  16 255 128  34 197 171
             41  40   5 102 211 183   4   1 221
             51  50  17 168 209 192  23  25  82

            125  98  42  88 104  85 117 175  82
             95  84  53  89 128 100 113 101  45
             75  79 123  47  51 128  81 171   1
             57  17   5  71 102  57  53  41  49
            115  21   2  10 102 255 166  23   6
             38  33  13 121  57  73  26   1  85
             41  10  67 138  77 110  90  47 114
            101  29  16  10  85 128 101 196  26
             57  18  10 102 102 213  34  20  43
            117  20  15  36 163 128  68   1  26

            138  31  36 171  27 166  38  44 229
             67  87  58 169  82 115  26  59 179
             63  59  90 180  59 166  93  73 154
             40  40  21 116 143 209  34  39 175
             57  46  22  24 128   1  54  17  37
             47  15  16 183  34 223  49  45 183
             46  17  33 183   6  98  15  32 183
             65  32  73 115  28 128  23 128 205
             40   3   9 115  51 192  18   6 223
             87  37   9 115  59  77  64  21  47

            104  55  44 218   9  54  53 130 226
             64  90  70 205  40  41  23  26  57
             54  57 112 184   5  41  38 166 213
             30  34  26 133 152 116  10  32 134
             75  32  12  51 192 255 160  43  51
             39  19  53 221  26 114  32  73 255
             31   9  65 234   2  15   1 118  73
             88  31  35  67 102  85  55 186  85
             56  21  23 111  59 205  45  37 192
             55  38  70 124  73 102   1  34  98

            102  61  71  37  34  53  31 243 192
             69  60  71  38  73 119  28 222  37
             68  45 128  34   1  47  11 245 171
             62  17  19  70 146  85  55  62  70
             75  15   9   9  64 255 184 119  16
             37  43  37 154 100 163  85 160   1
             63   9  92 136  28  64  32 201  85
             86   6  28   5  64 255  25 248   1
             56   8  17 132 137 255  55 116 128
             58  15  20  82 135  57  26 121  40

            164  50  31 137 154 133  25  35 218
             51 103  44 131 131 123  31   6 158
             86  40  64 135 148 224  45 183 128
             22  26  17 131 240 154  14   1 209
             83  12  13  54 192 255  68  47  28
             45  16  21  91  64 222   7   1 197
             56  21  39 155  60 138  23 102 213
             85  26  85  85 128 128  32 146 171
             18  11   7  63 144 171   4   4 246
             35  27  10 146 174 171  12  26 128

            190  80  35  99 180  80 126  54  45
             85 126  47  87 176  51  41  20  32
            101  75 128 139 118 146 116 128  85
             56  41  15 176 236  85  37   9  62
            146  36  19  30 171 255  97  27  20
             71  30  17 119 118 255  17  18 138
            101  38  60 138  55  70  43  26 142
            138  45  61  62 219   1  81 188  64
             32  41  20 117 151 142  20  21 163
            112  19  12  61 195 128  48   4  24
            """);

    int segment;
    /** True if the macroblock has no coefficients. */
    boolean skipped;

    int luma;
    int chroma;
    /** Modes in raster order; for a whole block's mode, the one that stands for it in its neighbours' contexts. */
    final int[] subblocks = new int[16];

    private final BoolDecoder input;
    private final FrameHeader header;
    /** The modes of the lowest subblocks of the row above, and of the rightmost of the macroblock to the left. */
    private final int[] above;

    private final int[] left = new int[4];

    Modes(BoolDecoder input, FrameHeader header, int columns) {
        this.input = input;
        this.header = header;
        this.above = new int[4 * columns];
    }

    /** Begins a row of macroblocks. */
    void startRow() {
        Arrays.fill(left, B_DC);
    }

    /** Reads the next macroblock of the row. */
    void read(int column) throws IIOException {
        segment = header.segmentation().readSegment(input);
        skipped = header.skipProbability() >= 0 && input.read(header.skipProbability());
        readLuma(column);
        if (!input.read(142)) {
            chroma = DC;
        } else if (!input.read(114)) {
            chroma = VERTICAL;
        } else {
            chroma = input.read(183) ? TRUE_MOTION : HORIZONTAL;
        }
    }

    private void readLuma(int column) throws IIOException {
        if (!input.read(145)) {
            luma = BY_SUBBLOCK;
            for (int i = 0; i < 16; i++) {
                int upper = i < 4 ? above[4 * column + i] : subblocks[i - 4];
                int previous = i % 4 == 0 ? left[i / 4] : subblocks[i - 1];
                subblocks[i] = readSubblock(BRANCHES * (SUBBLOCK_MODES * upper + previous));
            }
        } else {
            boolean second = input.read(156);
            boolean third = input.read(second ? 128 : 163);
            luma = second ? (third ? TRUE_MOTION : HORIZONTAL) : (third ? VERTICAL : DC);
            Arrays.fill(subblocks, asSubblock(luma));
        }
        for (int i = 0; i < 4; i++) {
            above[4 * column + i] = subblocks[12 + i];
            left[i] = subblocks[4 * i + 3];
        }
    }

    private int readSubblock(int probabilities) throws IIOException {
        int node = 0;
        do {
            node = SUBBLOCK_TREE[node + (input.read(SUBBLOCK_PROBABILITIES[probabilities + node / 2]) ? 1 : 0)];
        } while (node > 0);
        return -node;
    }

    private static int asSubblock(int mode) {
        return switch (mode) {
            case VERTICAL -> B_VERTICAL;
            case HORIZONTAL -> B_HORIZONTAL;
            case TRUE_MOTION -> B_TRUE_MOTION;
            default -> B_DC;
        };
    }
}
