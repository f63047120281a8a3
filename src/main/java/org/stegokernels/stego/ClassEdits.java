package org.stegokernels.stego;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.stegokernels.stego.Segmentation.ClassInfo;
import org.stegokernels.stego.Segmenter.Options.Probe;

/**
 * Renames, merges and recolours the classes of a model; its weights stay. Ids and names by which a class is asked
 * for are those from before the changes, in whatever order they are made.
 */
public final class ClassEdits {
    private final List<ClassInfo> before;
    private final List<ClassInfo> classes;
    private final int[] clusterToClass;
    /** For each class the one that it is merged into, itself if it is not. */
    private final int[] into;

    private final Set<Integer> merged = new HashSet<>();

    private ClassEdits(List<ClassInfo> classes, int[] clusterToClass) {
        this.before = classes;
        this.classes = new ArrayList<>(classes);
        this.clusterToClass = clusterToClass;
        this.into = IntStream.range(0, classes.size()).toArray();
    }

    /**
     * Starts from the classes that a segmentation with the model shows: those of its clusters, or without clusters those
     * of its linear probe.
     *
     * @throws IllegalArgumentException if the model has no probe
     */
    public static ClassEdits of(Stego model) {
        boolean clusters = model.clusterProbe().isPresent();
        if (!clusters && model.linearProbe().isEmpty()) {
            throw new IllegalArgumentException("the model is a backbone that knows no classes");
        }
        Probe probe = clusters ? Probe.CLUSTER : Probe.LINEAR;
        return new ClassEdits(ProbeClassifier.classes(model, probe), clusters ? model.clusterToClass() : new int[0]);
    }

    /**
     * Returns the id of a class.
     *
     * @param text its number or its name before the changes
     * @throws IllegalArgumentException if no class, or more than one, is called so
     */
    public int id(String text) {
        List<Integer> named = before.stream()
                .filter(known -> known.name().equals(text.strip())
                        || Integer.toString(known.id()).equals(text.strip()))
                .map(ClassInfo::id)
                .toList();
        if (named.size() != 1) {
            throw new IllegalArgumentException((named.isEmpty() ? "no class" : "more than one class") + " is called '"
                    + text.strip() + "'; the model has the classes 0 to " + (into.length - 1));
        }
        return named.get(0);
    }

    /**
     * Makes several classes one, which takes the place of the first of them in the numbering.
     *
     * @throws IllegalArgumentException if one of them is merged already
     */
    public ClassEdits merge(Collection<Integer> ids, String name) {
        int first = ids.stream().mapToInt(Integer::intValue).min().orElseThrow();
        for (int id : ids) {
            if (!merged.add(id)) {
                throw new IllegalArgumentException("class " + id + " is merged with others twice");
            }
            into[id] = first;
        }
        return rename(first, name);
    }

    /** Calls a class, or what it is merged into, by another name. */
    public ClassEdits rename(int id, String name) {
        ClassInfo old = classes.get(into[id]);
        classes.set(into[id], new ClassInfo(old.id(), name.strip(), old.rgb()));
        return this;
    }

    /** @param rgb the colour, {@code 0xRRGGBB} */
    public ClassEdits recolour(int id, int rgb) {
        ClassInfo old = classes.get(into[id]);
        classes.set(into[id], new ClassInfo(old.id(), old.name(), rgb));
        return this;
    }

    /**
     * Returns the description of the model with the classes as they are now, numbered in their old order.
     *
     * @throws IllegalArgumentException if a class has no name, or two classes have one
     */
    public ModelInfo apply(ModelInfo info) {
        int[] number = new int[into.length];
        List<String> names = new ArrayList<>();
        List<Integer> colours = new ArrayList<>();
        for (int id = 0; id < into.length; id++) {
            if (into[id] != id) {
                number[id] = number[into[id]];
                continue;
            }
            ClassInfo known = classes.get(id);
            int twin = names.indexOf(known.name());
            if (known.name().isEmpty() || twin >= 0) {
                throw new IllegalArgumentException(
                        known.name().isEmpty()
                                ? "class " + id + " needs a name"
                                : "two classes would be called '" + known.name() + "': merge them into one");
            }
            number[id] = names.size();
            names.add(known.name());
            colours.add(known.rgb());
        }
        List<Integer> clusters =
                IntStream.of(clusterToClass).mapToObj(id -> number[id]).toList();
        return new ModelInfo(names, colours, clusters, info.settings(), info.notes());
    }
}
