package org.stegokernels.serve;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.stegokernels.serve.ClassBoard.BoardClass;
import org.stegokernels.stego.PatchStore.Patches;

/** A person's words about patches, on their way into the classes: with the codes of the patches, and classes that are new. */
final class Lesson {
    /** Patches of all strokes together, so that to teach takes no longer the longer a person teaches. */
    private static final int MOST_TAUGHT = 10_000;

    /**
     * A person's word about some patches.
     *
     * @param classId of a class that is there; null for a new one
     * @param className of a new class; null for one that is there
     * @param is false for "this is not"
     */
    record Said(int photograph, int[] patches, Integer classId, String className, boolean is) {}

    private final ClassBoard before;
    private final Photographs photographs;
    private final int channels;
    private final List<BoardClass> classes;
    private final List<Teaching.Stroke> strokes;
    private int rows;

    /** @param channels length of a code */
    Lesson(ClassBoard before, Photographs photographs, int channels) {
        this.before = before;
        this.photographs = photographs;
        this.channels = channels;
        classes = new ArrayList<>(before.classes());
        strokes = new ArrayList<>(before.strokes());
        rows = strokes.stream().mapToInt(stroke -> stroke.patches().length).sum();
    }

    void add(Said said) throws IOException {
        int id = said.classId() == null
                ? named(said.className())
                : before.get(said.classId()).id();
        Patches all = photographs.codes(photographs.get(said.photograph()));
        int count = all.rows() * all.columns();
        rows += said.patches().length;
        if (rows > MOST_TAUGHT) {
            throw new Problem(
                    422, "More than " + MOST_TAUGHT + " patches can't be taught. Undo strokes, or use shorter ones.");
        }
        float[] codes = new float[said.patches().length * channels];
        for (int i = 0; i < said.patches().length; i++) {
            int patch = said.patches()[i];
            if (patch < 0 || patch >= count) {
                throw new Problem(
                        422,
                        "Photograph " + said.photograph() + " has the patches 0 to " + (count - 1) + ", not " + patch
                                + ".");
            }
            System.arraycopy(all.values(), patch * channels, codes, i * channels, channels);
        }
        strokes.add(new Teaching.Stroke(id, said.is(), said.photograph(), said.patches(), codes));
    }

    private int named(String name) {
        for (BoardClass each : classes) {
            if (each.name().equals(name.strip())) {
                return each.id();
            }
        }
        int id = 1 + classes.stream().mapToInt(BoardClass::id).max().orElse(-1);
        classes.add(before.named(classes, id, name));
        return id;
    }

    private boolean isTaught(int id) {
        return strokes.stream().anyMatch(stroke -> stroke.is() && stroke.classId() == id);
    }

    void requireExamples() {
        for (BoardClass each : classes) {
            if (!before.classes().contains(each) && !isTaught(each.id())) {
                throw new Problem(422, "The new class \"" + each.name() + "\" needs a stroke of what it is.");
            }
        }
    }

    /** Returns the classes, new ones last. */
    List<BoardClass> classes() {
        return classes;
    }

    /** Returns all that has been said. */
    List<Teaching.Stroke> strokes() {
        return strokes;
    }
}
