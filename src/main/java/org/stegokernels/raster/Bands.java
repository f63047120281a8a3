package org.stegokernels.raster;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The bands that are shown as red, green and blue, or the one that is shown as grey. Counted from 1, as GDAL does.
 *
 * @param numbers one or three; not copied
 */
public record Bands(int... numbers) {
    /** @throws IllegalArgumentException if there are not one or three, or one is below 1 */
    public Bands {
        if (numbers.length != 1 && numbers.length != 3) {
            throw new IllegalArgumentException("one band (grey) or three (red,green,blue) are shown, not "
                    + numbers.length + ": write 1 or 4,3,2");
        }
        if (Arrays.stream(numbers).anyMatch(number -> number < 1)) {
            throw new IllegalArgumentException("bands are counted from 1: " + text(numbers));
        }
    }

    /**
     * Reads a list: {@code "4,3,2"} or {@code "1"}.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Bands parse(String list) {
        try {
            return new Bands(Arrays.stream(list.split(",", -1))
                    .mapToInt(number -> Integer.parseInt(number.strip()))
                    .toArray());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("no list of bands: \"" + list + "\"; write 1 or 4,3,2", e);
        }
    }

    private static String text(int[] numbers) {
        return Arrays.stream(numbers).mapToObj(String::valueOf).collect(Collectors.joining(","));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bands bands && Arrays.equals(bands.numbers, numbers);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(numbers);
    }

    @Override
    public String toString() {
        return text(numbers);
    }
}
