package org.stegokernels.serve;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.stego.Segmenter.Options.Probe;

/** The most typical patches of a class, over all photographs. */
final class Atlas {
    /** Patches of one photograph that come before those of others that are more typical. */
    private static final int OF_ONE = 2;

    private Atlas() {}

    /**
     * A patch.
     *
     * @param similarity to the class: the cosine to the nearest of its clusters, or the probability of its outputs
     */
    record Typical(int photograph, int row, int column, float similarity) {}

    /**
     * Returns the most typical patches of those that are of the class, at most two of one photograph while others have some.
     *
     * @param count how many at most
     */
    static List<Typical> of(Turns turns, Device device, Photographs photographs, ClassBoard board, int id, int count)
            throws IOException {
        board.get(id);
        List<Typical> first = new ArrayList<>();
        List<Typical> rest = new ArrayList<>();
        for (Photograph photograph : photographs.ready()) {
            List<Typical> found;
            try {
                float[] codes = photographs.codes(photograph).values();
                float[] logits = turns.now(() -> board.candidates().logits(device, codes));
                found = typical(photograph, board, id, logits);
            } catch (Problem gone) {
                continue;
            }
            found.sort(Comparator.comparingDouble((Typical patch) -> -patch.similarity()));
            int split = Math.min(OF_ONE, found.size());
            first.addAll(found.subList(0, split));
            rest.addAll(found.subList(split, Math.min(count, found.size())));
        }
        Comparator<Typical> order = Comparator.comparingDouble((Typical patch) -> -patch.similarity());
        first.sort(order);
        rest.sort(order);
        first.addAll(rest);
        return first.subList(0, Math.min(count, first.size()));
    }

    private static List<Typical> typical(Photograph photograph, ClassBoard board, int id, float[] logits) {
        Candidates candidates = board.candidates();
        int columns = photograph.ready().columns();
        boolean[] among = board.among(id);
        int[] best = candidates.best(logits);
        List<Typical> typical = new ArrayList<>();
        for (int i = 0; i < best.length; i++) {
            if (among[best[i]]) {
                int first = i * candidates.count();
                float similarity = candidates.probe() == Probe.CLUSTER
                        ? logits[first + best[i]] / candidates.alpha()
                        : probability(logits, first, best[i], among);
                typical.add(new Typical(photograph.id(), i / columns, i % columns, similarity));
            }
        }
        return typical;
    }

    private static float probability(float[] logits, int first, int best, boolean[] among) {
        double all = 0;
        double own = 0;
        for (int k = 0; k < among.length; k++) {
            double e = Math.exp(logits[first + k] - logits[first + best]);
            all += e;
            own += among[k] ? e : 0;
        }
        return (float) (own / all);
    }
}
