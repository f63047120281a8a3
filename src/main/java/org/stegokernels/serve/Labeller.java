package org.stegokernels.serve;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.stegokernels.image.RgbImage;
import org.stegokernels.serve.Labelling.Labels;
import org.stegokernels.stego.PatchStore.Patches;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;

/**
 * Labels of photographs for the page: quick ones at once, refined ones by the CRF when the background comes to it. Refined
 * ones are kept for a while, also those of earlier candidates, to which one may go back.
 */
final class Labeller implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Labeller.class.getName());
    /** Bytes of refined labels that are kept; what was asked for long ago is computed again. */
    private static final long MOST_BYTES =
            Math.min(128L << 20, Runtime.getRuntime().maxMemory() / 8);

    private final Stego model;
    private final Segmenter.Options options;
    private final Turns turns;
    private final Photographs photographs;
    private final History history;
    private final Events events;
    /** The generation of which refined labels of a photograph are wanted, by its id. */
    private final Map<Integer, Integer> wanted = new ConcurrentHashMap<>();
    /** Those asked for last come last. */
    private final Map<Key, Labels> refined = new LinkedHashMap<>(16, 0.75f, true);

    private long refinedBytes;
    /** Used by whoever has the device. */
    private Labelling labelling;

    private record Key(int photograph, int generation) {}

    /**
     * Labels of a photograph.
     *
     * @param refined whether they come from the CRF; otherwise those will be made soon
     */
    record Answer(Labels labels, boolean refined) {}

    /** @param model not closed by this object */
    Labeller(
            Stego model,
            Segmenter.Options options,
            Turns turns,
            Photographs photographs,
            History history,
            Events events) {
        this.model = model;
        this.options = options;
        this.turns = turns;
        this.photographs = photographs;
        this.history = history;
        this.events = events;
    }

    /**
     * Returns the labels of a photograph: refined ones if they are there, else quick ones.
     *
     * @param later has them refined, by {@link #refine}
     * @throws Problem 409 if the generation is not the present one, or the photograph isn't ready
     */
    Answer labels(int id, int generation, IntConsumer later) throws IOException {
        ClassBoard board = history.view().classes();
        Photograph photograph = photographs.get(id);
        photograph.ready();
        if (board.candidates() == null) {
            throw new Problem(409, "There are no classes yet.");
        }
        if (generation != board.generation()) {
            throw new Problem(409, "Generation " + generation + " is not the present one, " + board.generation() + ".");
        }
        Labels kept = kept(id, generation);
        if (kept != null) {
            photograph.refined(generation);
            return new Answer(kept, true);
        }
        RgbImage working = photographs.working(photograph);
        Patches codes = photographs.codes(photograph);
        Labels quick = turns.now(() -> labelling(board.candidates()).label(working, codes, false));
        if (options.crf()) {
            wanted.put(id, generation);
            later.accept(id);
        } else {
            keep(photograph, quick, generation);
        }
        return new Answer(quick, !options.crf());
    }

    /** Refines the labels of a photograph, if those that were wanted are still of use, and tells the page. */
    void refine(int id) {
        Candidates candidates = history.view().classes().candidates();
        Integer generation = wanted.remove(id);
        if (generation == null || candidates == null || generation != candidates.generation()) {
            return;
        }
        try {
            Photograph photograph = photographs.get(id);
            RgbImage working = photographs.working(photograph);
            Patches codes = photographs.codes(photograph);
            keep(photograph, turns.later(() -> labelling(candidates).label(working, codes, true)), generation);
            events.send("labels", json -> {
                json.field("id", id);
                json.field("generation", candidates.generation());
            });
        } catch (Problem gone) {
            // Nobody waits for the labels of what has been taken off.
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "labels of photograph " + id + " can't be refined", e);
        }
    }

    /** Returns what labels by some candidates; for use while one has the device. */
    private Labelling labelling(Candidates candidates) {
        if (labelling == null || labelling.candidates() != candidates) {
            close();
            labelling = new Labelling(candidates, model, options);
        }
        return labelling;
    }

    private Labels kept(int id, int generation) {
        synchronized (refined) {
            return refined.get(new Key(id, generation));
        }
    }

    private void keep(Photograph photograph, Labels labels, int generation) {
        synchronized (refined) {
            refinedBytes += labels.bytes() - bytes(refined.put(new Key(photograph.id(), generation), labels));
            photograph.refined(generation);
            Iterator<Labels> oldest = refined.values().iterator();
            while (refinedBytes > MOST_BYTES) {
                refinedBytes -= oldest.next().bytes();
                oldest.remove();
            }
        }
    }

    private static int bytes(Labels labels) {
        return labels == null ? 0 : labels.bytes();
    }

    /** Forgets the labels of a photograph that has been taken off. */
    void forget(int id) {
        wanted.remove(id);
        synchronized (refined) {
            for (Iterator<Map.Entry<Key, Labels>> each = refined.entrySet().iterator(); each.hasNext(); ) {
                Map.Entry<Key, Labels> kept = each.next();
                if (kept.getKey().photograph() == id) {
                    refinedBytes -= kept.getValue().bytes();
                    each.remove();
                }
            }
        }
    }

    /** Frees what is on the device; for use while one has it. */
    @Override
    public void close() {
        if (labelling != null) {
            labelling.close();
            labelling = null;
        }
    }
}
