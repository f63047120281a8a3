package org.stegokernels.serve;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import org.stegokernels.device.Device;
import org.stegokernels.serve.ClassBoard.BoardClass;
import org.stegokernels.text.JsonWriter;

/**
 * The classes as they are, as they were, and as they would be again. Changes come one after the other; the present state is
 * read without waiting for them.
 */
final class History {
    /** Changes that can be undone. */
    private static final int MOST_CHANGES = 500;

    private final Device device;
    private final Turns turns;
    private final Photographs photographs;
    private final Events events;
    /** Held by one change at a time. */
    private final ReentrantLock changes = new ReentrantLock(true);

    private List<ClassBoard> states;
    private int at;
    private int revision;
    private volatile View view;
    private Counts counts = new Counts(null, null, null);

    /** @param first what can't be undone */
    History(ClassBoard first, Device device, Turns turns, Photographs photographs, Events events) {
        this.device = device;
        this.turns = turns;
        this.photographs = photographs;
        this.events = events;
        states = List.of(first);
        view = new View(first, revision, new double[first.classes().size()], null, null);
    }

    /**
     * The board as it is seen at one moment.
     *
     * @param shares the part of all patches that each class has, in the order of the classes
     * @param undo what would be undone; null if nothing
     * @param redo what would be done again; null if nothing
     */
    record View(ClassBoard classes, int revision, double[] shares, String undo, String redo) {
        /** Writes the fields of the object that the page knows the board by. */
        void write(JsonWriter json) throws IOException {
            Candidates candidates = classes.candidates();
            boolean clusters = candidates != null && candidates.bias() == null;
            json.field("generation", classes.generation());
            json.field("revision", revision);
            json.field("clusters", clusters ? (Object) candidates.count() : null);
            json.field("canUndo", (Object) undo);
            json.field("canRedo", (Object) redo);
            Candidates.Source source = candidates == null ? Candidates.Source.MODEL : candidates.source();
            json.field("source", source.name().toLowerCase(Locale.ROOT));
            json.beginList("classes");
            for (int i = 0; i < classes.classes().size(); i++) {
                BoardClass each = classes.classes().get(i);
                json.beginObject();
                json.field("id", each.id());
                json.field("name", each.name());
                json.field("color", ClassBoard.hex(each.rgb()));
                json.field("share", shares[i]);
                json.endObject();
            }
            json.endList();
            json.field("classOf", (Object) classes.classOf());
            json.beginList("strokes");
            for (Teaching.Stroke stroke : classes.strokes()) {
                json.beginObject();
                json.field("photograph", stroke.photograph());
                json.field("patches", (Object) stroke.patches());
                json.field("class", stroke.classId());
                json.field("is", stroke.is());
                json.endObject();
            }
            json.endList();
        }
    }

    /** Returns the board as it is now. */
    View view() {
        return view;
    }

    /** A change of the classes. */
    @FunctionalInterface
    interface Change {
        ClassBoard of(ClassBoard before) throws IOException;
    }

    /**
     * Changes the classes.
     *
     * @throws Problem if that can't be done; then nothing has changed
     */
    View change(Change change) throws IOException {
        changes.lock();
        try {
            List<ClassBoard> next = new ArrayList<>(states.subList(0, at + 1));
            next.add(change.of(states.get(at)));
            if (next.size() > MOST_CHANGES) {
                next.remove(0);
            }
            return moveTo(next, next.size() - 1, revision + 1);
        } finally {
            changes.unlock();
        }
    }

    /** @throws Problem 409 if there is nothing to undo */
    View undo() throws IOException {
        return step(-1, "There is nothing to undo.");
    }

    /** @throws Problem 409 if there is nothing to do again */
    View redo() throws IOException {
        return step(1, "There is nothing to do again.");
    }

    private View step(int by, String problem) throws IOException {
        changes.lock();
        try {
            if (at + by < 0 || at + by >= states.size()) {
                throw new Problem(409, problem);
            }
            return moveTo(states, at + by, revision + 1);
        } finally {
            changes.unlock();
        }
    }

    /** Counts the shares of the classes anew, and tells the page. */
    View show() throws IOException {
        changes.lock();
        try {
            return moveTo(states, at, revision);
        } finally {
            changes.unlock();
        }
    }

    /** Goes to a state, all of it or, if its shares can't be counted, not at all. */
    private View moveTo(List<ClassBoard> all, int place, int number) throws IOException {
        ClassBoard board = all.get(place);
        View shown = new View(
                board,
                number,
                shares(board),
                place == 0 ? null : board.change(),
                place == all.size() - 1 ? null : all.get(place + 1).change());
        states = all;
        at = place;
        revision = number;
        view = shown;
        events.send("board", shown::write);
        return shown;
    }

    private double[] shares(ClassBoard board) throws IOException {
        double[] shares = new double[board.classes().size()];
        float[] sample = photographs.sample();
        if (board.candidates() == null || sample.length == 0) {
            return shares;
        }
        if (counts.candidates() != board.candidates() || counts.sample() != sample) {
            float[] logits = turns.now(() -> board.candidates().logits(device, sample));
            int[] patches = new int[board.candidates().count()];
            for (int candidate : board.candidates().best(logits)) {
                patches[candidate]++;
            }
            counts = new Counts(board.candidates(), sample, patches);
        }
        int[] numbers = board.numbers();
        double all = (double) sample.length / board.candidates().channels();
        for (int k = 0; k < numbers.length; k++) {
            shares[numbers[k]] += counts.patches()[k] / all;
        }
        return shares;
    }

    /** The number of patches of a sample that each candidate has. */
    private record Counts(Candidates candidates, float[] sample, int[] patches) {}
}
