package org.stegokernels.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.stegokernels.data.Dataset.DatasetException;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.io.RegularFile.TextFile;

/**
 * The classes of a dataset, in the order of their indices.
 *
 * @param names one for each class; empty if the dataset has no labels and their number is not given
 * @param palette a colour for each class, and perhaps more
 */
public record DatasetClasses(List<String> names, Palette palette) {
    /**
     * The name of the file in which a directory dataset lists its classes: {@code NAME RED GREEN BLUE} in each line.
     */
    public static final String FILE = "classes.txt";

    /** Classes of a dataset without labels. */
    public static final DatasetClasses NONE = new DatasetClasses(List.of(), Palette.distinct(1));

    /** Begins where a run of blanks does and never gives blanks back, so that a line of them takes linear time. */
    private static final Pattern COLOUR = Pattern.compile("(?<!\\s)\\s++(\\d{1,3})\\s++(\\d{1,3})\\s++(\\d{1,3})$");

    /**
     * Checks names and colours.
     *
     * @throws IllegalArgumentException if there are more than 255, or fewer colours than names
     */
    public DatasetClasses {
        names = List.copyOf(names);
        if (names.size() > Dataset.Settings.MAX_CLASSES || palette.size() < names.size()) {
            throw new IllegalArgumentException(names.size() + " classes with " + palette.size() + " colours");
        }
    }

    /**
     * Returns the classes of a dataset by the name that it has in the published settings, as {@code cocostuff27}; empty
     * if it is none of the published datasets with classes of their own.
     */
    public static Optional<DatasetClasses> published(String name) {
        String table = name.startsWith("cityscapes") ? "cityscapes" : name.startsWith("potsdam") ? "potsdam" : name;
        boolean known = List.of("cityscapes", "potsdam", "cocostuff27", "cocostuff15", "cocostuff3")
                .contains(table);
        return known ? Optional.of(resource(table + ".txt")) : Optional.empty();
    }

    /** Returns {@code class 0}, {@code class 1}, ... in distinct colours. */
    static DatasetClasses numbered(int count) {
        return new DatasetClasses(
                IntStream.range(0, count).mapToObj(index -> "class " + index).toList(), Palette.distinct(count));
    }

    /** Returns the number of classes. */
    public int count() {
        return names.size();
    }

    /** Returns whether the classes were given colours: others than those that stand in where a list has none. */
    boolean hasOwnColors() {
        return count() > 0
                && !Arrays.equals(palette.rgb(), Palette.distinct(count()).rgb());
    }

    /** Returns the text of a {@link #FILE} with these classes. */
    public String text() {
        return IntStream.range(0, count())
                .mapToObj(index -> {
                    int color = palette.color(index);
                    return names.get(index) + " " + (color >> 16) + " " + (color >> 8 & 0xFF) + " " + (color & 0xFF)
                            + "\n";
                })
                .collect(Collectors.joining());
    }

    /**
     * Reads a {@link #FILE}.
     *
     * @throws DatasetException if it can't be read, lists no or too many classes, or a colour is wrong
     */
    public static DatasetClasses read(Path file) {
        try {
            return parse(file, TextFile.lines(file, TextFile.HAND_WRITTEN));
        } catch (IOException e) {
            throw new DatasetException(file, e);
        }
    }

    static DatasetClasses resource(String name) {
        return parse(Path.of(name), lines(name));
    }

    /** Returns the lines of a table in this package. */
    static List<String> lines(String name) {
        try (InputStream in = DatasetClasses.class.getResourceAsStream(name);
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return reader.lines().map(String::strip).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    private static DatasetClasses parse(Path file, List<String> lines) {
        List<String> names = new ArrayList<>();
        List<Integer> colors = new ArrayList<>();
        for (String line : lines) {
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Matcher colour = COLOUR.matcher(line);
            boolean found = colour.find();
            String name = found ? line.substring(0, colour.start()) : line;
            names.add(name);
            if (found) {
                colors.add(sample(colour, 1, name, file) << 16
                        | sample(colour, 2, name, file) << 8
                        | sample(colour, 3, name, file));
            }
        }
        boolean colored = colors.size() == names.size();
        if (names.isEmpty() || names.size() > Dataset.Settings.MAX_CLASSES || !colored && !colors.isEmpty()) {
            String reason = names.isEmpty() || names.size() > Dataset.Settings.MAX_CLASSES
                    ? "it lists " + names.size() + " classes"
                    : colors.size() + " of its " + names.size() + " classes have a colour";
            throw new DatasetException(
                    file,
                    reason,
                    "write one line for each of 1 to 255 classes, NAME RED GREEN BLUE in all or NAME in all");
        }
        Palette palette = colored
                ? new Palette(colors.stream().mapToInt(Integer::intValue).toArray())
                : Palette.distinct(names.size());
        return new DatasetClasses(names, palette);
    }

    private static int sample(Matcher colour, int group, String name, Path file) {
        int value = Integer.parseInt(colour.group(group));
        if (value > 255) {
            throw new DatasetException(
                    file, "the colour of " + name + " has the value " + value, "use values from 0 to 255");
        }
        return value;
    }
}
