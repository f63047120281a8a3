package org.stegokernels.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * One operation as a program of any language sees it: the arguments of the method of {@link
 * org.stegokernels.device.Kernels} or {@link org.stegokernels.device.TrainingKernels}, in their order. What is opaque there
 * is what it was made of: packed weights are {@code weight} and {@code bias}, a lattice is its {@code positions}.
 *
 * @param flop additions, multiplications and divisions, each exponential, logarithm or root counted as one: a sum of
 *     products of numbers, dimensions and {@code E}, the elements of the first tensor
 */
record Operation(String name, String flop, List<Argument> arguments) {
    /** The kind of an argument, and for a tensor what becomes of it. */
    enum Kind {
        /** A tensor that is read. */
        IN,
        /** A tensor that is written; its values don't count. */
        OUT,
        /** A tensor that is read and written. */
        INOUT,
        /** One tensor or more that are read, named {@code name.0}, {@code name.1}. */
        LIST,
        NUMBER,
        INTEGER,
        FLAG,
        WORD;

        boolean isTensor() {
            return ordinal() <= LIST.ordinal();
        }

        boolean isWritten() {
            return this == OUT || this == INOUT;
        }
    }

    /**
     * An argument.
     *
     * @param type of a tensor's elements; null for a parameter
     * @param shape names of dimensions, numbers and products of both; {@code ...} stands for any number of them; empty
     *     for a parameter
     * @param optional whether it may be absent
     * @param mayBe the argument whose memory it may be, or a word's values; empty if there is none
     */
    record Argument(String name, Kind kind, ElementType type, List<String> shape, boolean optional, String mayBe) {}

    /**
     * Reads an operation from its description.
     *
     * @param arguments each {@code name kind}, and for a tensor {@code [I32] [shape] [optional] [may be other]}
     */
    static Operation of(String name, String flop, String... arguments) {
        return new Operation(
                name, flop, Stream.of(arguments).map(Operation::argument).toList());
    }

    private static Argument argument(String text) {
        String[] words = text.split(" ", 3);
        Kind kind = Kind.valueOf(words[1].toUpperCase(Locale.ROOT));
        String rest = words.length < 3 ? "" : words[2];
        if (!kind.isTensor()) {
            return new Argument(words[0], kind, null, List.of(), false, rest);
        }
        String shape = rest.substring(rest.indexOf('[') + 1, rest.indexOf(']'));
        int other = rest.indexOf("may be ");
        return new Argument(
                words[0],
                kind,
                rest.startsWith("I32") ? ElementType.I32 : ElementType.F32,
                List.of(shape.split(", ")),
                rest.contains("] optional"),
                other < 0 ? "" : rest.substring(other + "may be ".length()));
    }

    Argument argument(int index) {
        return arguments.get(index);
    }

    /** Returns the bytes of all tensors, each moved once, or twice if it is read and written: a sum as {@link #flop}. */
    String bytes() {
        List<String> terms = new ArrayList<>();
        for (Argument argument : arguments) {
            if (argument.kind().isTensor()) {
                String size = String.join(" * ", argument.shape()).replace("...", "R");
                terms.add(
                        (argument.kind() == Kind.INOUT ? "8 * " : "4 * ") + size.replaceAll("(\\w) (?=\\w)", "$1 * "));
            }
        }
        return String.join(" + ", terms);
    }

    /**
     * Returns the value of a sum of products.
     *
     * @param sizes the value of each name in it; a name without one counts as 0
     */
    static double value(String sum, Map<String, Double> sizes) {
        double total = 0;
        for (String term : sum.split(" \\+ ")) {
            double product = 1;
            for (String factor : term.split(" \\* ")) {
                product *= Character.isDigit(factor.charAt(0))
                        ? Double.parseDouble(factor)
                        : sizes.getOrDefault(factor, 0.0);
            }
            total += product;
        }
        return total;
    }
}
