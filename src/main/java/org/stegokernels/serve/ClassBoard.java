package org.stegokernels.serve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.stegokernels.image.LabelMap.Palette;
import org.stegokernels.stego.ModelInfo;
import org.stegokernels.text.Printable;

/**
 * The classes of the board at one moment: immutable, so that to undo is to go back to an earlier one.
 *
 * @param candidates of which the classes are made; null before there are any
 * @param classes in their order
 * @param classOf the id of the class of each candidate, [K]; not to be changed
 * @param strokes all that has been taught about these classes
 * @param change what led here, in words
 */
record ClassBoard(
        Candidates candidates, List<BoardClass> classes, int[] classOf, List<Teaching.Stroke> strokes, String change) {
    private static final int LONGEST_NAME = 100;

    /**
     * A class.
     *
     * @param id by which the page knows it; the same as long as it stays
     * @param rgb its colour, {@code 0xRRGGBB}
     */
    record BoardClass(int id, String name, int rgb) {}

    ClassBoard {
        classes = List.copyOf(classes);
        strokes = List.copyOf(strokes);
    }

    /** Returns a board without classes. */
    static ClassBoard empty() {
        return new ClassBoard(null, List.of(), new int[0], List.of(), "Open");
    }

    /** Returns the number that tells apart the candidates; 0 before there are any. */
    int generation() {
        return candidates == null ? 0 : candidates.generation();
    }

    /**
     * Returns a class.
     *
     * @throws Problem 404 if there is none of this id
     */
    BoardClass get(int id) {
        for (BoardClass each : classes) {
            if (each.id() == id) {
                return each;
            }
        }
        throw new Problem(404, "There is no class " + id + " on the board.");
    }

    /** @throws Problem 404 if there is no such class, 409 if another one has the name, 422 if it can't be one */
    ClassBoard renamed(int id, String name) {
        String proper = proper(name);
        get(id);
        requireFree(proper, Set.of(id));
        return with(replaced(id, old -> new BoardClass(id, proper, old.rgb())), classOf, strokes, "Rename class");
    }

    /** @param rgb {@code 0xRRGGBB} */
    ClassBoard recolored(int id, int rgb) {
        get(id);
        return with(replaced(id, old -> new BoardClass(id, old.name(), rgb)), classOf, strokes, "Change colour");
    }

    /**
     * Makes several classes one, which has the id and the colour of the first of them in the list.
     *
     * @param name of it; null for that of the first
     * @throws Problem 404 if there is no such class, 409 if another one has the name, 422 if there are fewer than two
     */
    ClassBoard merged(Collection<Integer> ids, String name) {
        Set<Integer> together = new TreeSet<>(ids);
        if (together.size() < 2) {
            throw new Problem(422, "To merge takes two classes or more.");
        }
        together.forEach(this::get);
        int first = classes.stream()
                .map(BoardClass::id)
                .filter(together::contains)
                .findFirst()
                .orElseThrow();
        String proper = name == null ? get(first).name() : proper(name);
        requireFree(proper, together);
        List<BoardClass> left = new ArrayList<>();
        for (BoardClass each : classes) {
            if (each.id() == first) {
                left.add(new BoardClass(first, proper, each.rgb()));
            } else if (!together.contains(each.id())) {
                left.add(each);
            }
        }
        int[] map = Arrays.stream(classOf)
                .map(id -> together.contains(id) ? first : id)
                .toArray();
        List<Teaching.Stroke> taught = strokes.stream()
                .map(stroke -> together.contains(stroke.classId()) ? stroke.of(first) : stroke)
                .toList();
        return with(left, map, taught, "Merge classes");
    }

    /** Returns the same with other candidates and what they are. */
    ClassBoard changed(Candidates others, List<BoardClass> left, int[] map, List<Teaching.Stroke> taught, String what) {
        return new ClassBoard(others, left, map, taught, what);
    }

    private ClassBoard with(List<BoardClass> left, int[] map, List<Teaching.Stroke> taught, String what) {
        return new ClassBoard(candidates, left, map, taught, what);
    }

    private interface Change {
        BoardClass of(BoardClass old);
    }

    private List<BoardClass> replaced(int id, Change change) {
        return classes.stream()
                .map(each -> each.id() == id ? change.of(each) : each)
                .toList();
    }

    /** Returns a name without spaces around it. */
    private static String proper(String name) {
        String proper = name.strip();
        if (proper.isEmpty()) {
            throw new Problem(422, "A class needs a name.");
        }
        if (proper.length() > LONGEST_NAME) {
            throw new Problem(422, "The name of a class has at most " + LONGEST_NAME + " characters.");
        }
        if (proper.chars().anyMatch(Printable::acts)) {
            throw new Problem(422, "The name of a class has no control characters and line breaks.");
        }
        return proper;
    }

    private void requireFree(String name, Set<Integer> except) {
        for (BoardClass each : classes) {
            if (each.name().equals(name) && !except.contains(each.id())) {
                throw new Problem(409, "Two classes would be called \"" + name + "\". Merge them into one.");
            }
        }
    }

    /** Returns a class that is not there yet, of a colour that no other one has. */
    static BoardClass fresh(List<BoardClass> others, int id, String name) {
        Set<Integer> used = new HashSet<>();
        others.forEach(each -> used.add(each.rgb()));
        Palette palette = Palette.distinct(Candidates.MOST);
        int color = 0;
        while (color < palette.size() - 1 && used.contains(palette.color(color))) {
            color++;
        }
        return new BoardClass(id, name, palette.color(color));
    }

    /** Returns a class as {@link #fresh(List, int, String)}, with a name that a person gave. */
    BoardClass named(List<BoardClass> others, int id, String name) {
        return fresh(others, id, proper(name));
    }

    /** Returns the first of {@code PREFIX 1}, {@code PREFIX 2}, ... that no class is called. */
    static String freeName(List<BoardClass> others, String prefix, int from) {
        Set<String> names = new HashSet<>();
        others.forEach(each -> names.add(each.name()));
        int number = from;
        while (names.contains(prefix + " " + number)) {
            number++;
        }
        return prefix + " " + number;
    }

    /** Returns an id that no class has or had. */
    int nextId() {
        return 1 + classes.stream().mapToInt(BoardClass::id).max().orElse(-1);
    }

    /** Returns the class of this name; null if there is none. */
    BoardClass byName(String name) {
        return classes.stream()
                .filter(each -> each.name().equals(name.strip()))
                .findFirst()
                .orElse(null);
    }

    /** Returns for each candidate whether it is of a class. */
    boolean[] among(int id) {
        boolean[] among = new boolean[classOf.length];
        for (int k = 0; k < among.length; k++) {
            among[k] = classOf[k] == id;
        }
        return among;
    }

    /** Returns the number of the class in the list for each candidate, as a model file has it. */
    int[] numbers() {
        int[] numbers = new int[classOf.length];
        for (int k = 0; k < numbers.length; k++) {
            for (int i = 0; i < classes.size(); i++) {
                numbers[k] = classes.get(i).id() == classOf[k] ? i : numbers[k];
            }
        }
        return numbers;
    }

    /** Returns the names, the colours, and the class of each candidate, for a model file. */
    ModelInfo info() {
        List<Integer> map = Arrays.stream(numbers()).boxed().toList();
        return new ModelInfo(
                classes.stream().map(BoardClass::name).toList(),
                classes.stream().map(BoardClass::rgb).toList(),
                map,
                ModelInfo.Settings.DEFAULT,
                ModelInfo.DEFAULT.notes());
    }

    /** Returns a colour as {@code #rrggbb}. */
    static String hex(int rgb) {
        return String.format(Locale.ROOT, "#%06x", rgb & 0xFFFFFF);
    }
}
