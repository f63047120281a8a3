package org.stegokernels.text;

import java.util.Collection;
import java.util.Comparator;

/** Finds the name that a mistyped one was meant to be. */
public final class Spelling {
    private Spelling() {}

    /**
     * Returns the name that takes the fewest changes to get from what was typed, the first one of several.
     *
     * @throws java.util.NoSuchElementException if there are no names
     */
    public static String nearest(String typed, Collection<String> names) {
        return names.stream()
                .min(Comparator.comparingInt(name -> distance(typed, name)))
                .orElseThrow();
    }

    /** Letters to insert, delete or replace (Levenshtein 1966). */
    public static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
