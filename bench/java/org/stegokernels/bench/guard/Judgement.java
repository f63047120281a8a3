package org.stegokernels.bench.guard;

import java.util.List;

/**
 * The result of one path.
 *
 * @param baseline null if there is none
 * @param now null if it is not measured any more
 * @param busy whether others took the processor in most of its samples
 */
record Judgement(String path, Estimate baseline, Estimate now, int forks, boolean busy, Verdict verdict) {
    enum Verdict {
        HELD,
        /** So much faster that a later loss would go unseen: time for a new baseline. */
        FASTER,
        DROPPED,
        /** The baseline has a path of that name, the guard has none. */
        MISSING,
        /** The baseline has none. */
        NEW
    }

    double change() {
        return now.level() / baseline.level() - 1;
    }

    /** Returns whether nothing failed that others on the machine can't be the reason of. */
    static boolean excused(List<Judgement> all) {
        boolean busyMachine = 2 * all.stream().filter(Judgement::busy).count() > all.size();
        return all.stream()
                .filter(Judgement::failed)
                .allMatch(judgement -> judgement.verdict == Verdict.DROPPED && (judgement.busy || busyMachine));
    }

    boolean failed() {
        return verdict == Verdict.DROPPED || verdict == Verdict.MISSING;
    }
}
