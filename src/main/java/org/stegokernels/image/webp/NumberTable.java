package org.stegokernels.image.webp;

import java.util.StringTokenizer;

/** Tables as text: an array of thousands of numbers would be a method of thousands of instructions. */
final class NumberTable {
    private NumberTable() {}

    /** Parses whole numbers with space between them. */
    static int[] parse(String text) {
        StringTokenizer tokens = new StringTokenizer(text);
        int[] values = new int[tokens.countTokens()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Integer.parseInt(tokens.nextToken());
        }
        return values;
    }
}
