package org.stegokernels.bench.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.stegokernels.bench.guard.Judgement.Verdict;

/** The guard's judgement, on simulated measurements with the noise of a shared machine. */
class GuardTest {
    private static final int TRIALS = 50;
    private static final int BASELINE_FORKS = 7;
    private static final String SLOWED = "path 3";
    private static final List<String> PATHS =
            IntStream.range(0, 8).mapToObj(i -> "path " + i).toList();

    private static Map<String, Estimate> baseline(long seed) throws IOException {
        return new Guard(new SimulatedForks(seed), Limits.FULL).measure(PATHS, BASELINE_FORKS);
    }

    private static Map<String, Verdict> verdicts(Forks forks, Limits limits, Map<String, Estimate> baseline)
            throws IOException {
        Map<String, Verdict> verdicts = new LinkedHashMap<>();
        for (Judgement judgement : new Guard(forks, limits).check(PATHS, baseline)) {
            verdicts.put(judgement.path(), judgement.verdict());
        }
        return verdicts;
    }

    /** Counts of trials that find the slowed path, and that blame another one. */
    private record Outcome(int found, int blamed) {
        static Outcome of(double factor, Limits limits) throws IOException {
            int found = 0;
            int blamed = 0;
            for (int trial = 0; trial < TRIALS; trial++) {
                SimulatedForks forks = new SimulatedForks(1000 + trial);
                forks.slow(SLOWED, factor);
                Map<String, Verdict> verdicts = verdicts(forks, limits, baseline(trial));
                found += verdicts.remove(SLOWED) == Verdict.DROPPED ? 1 : 0;
                blamed += verdicts.containsValue(Verdict.DROPPED) ? 1 : 0;
            }
            return new Outcome(found, blamed);
        }
    }

    @Test
    void aPathThatLostAFifthIsFoundAndNoOtherBlamed() throws IOException {
        Outcome outcome = Outcome.of(0.80, Limits.FULL);
        assertThat(outcome.found()).isGreaterThanOrEqualTo(TRIALS - 1);
        assertThat(outcome.blamed()).isZero();
    }

    @Test
    void aLossOfATwentiethIsNoise() throws IOException {
        assertThat(Outcome.of(0.95, Limits.FULL)).isEqualTo(new Outcome(0, 0));
    }

    @Test
    void theShortFormFindsAPathAtHalfItsSpeedAndLetsAFifthPass() throws IOException {
        Outcome half = Outcome.of(0.5, Limits.SHORT);
        assertThat(half.found()).isGreaterThanOrEqualTo(TRIALS - 1);
        assertThat(half.blamed()).isZero();
        assertThat(Outcome.of(0.8, Limits.SHORT)).isEqualTo(new Outcome(0, 0));
    }

    @Test
    void aPathThatJavaCompilesBadlyInSomeForksIsNotBlamed() throws IOException {
        for (int trial = 0; trial < TRIALS; trial++) {
            SimulatedForks before = new SimulatedForks(trial);
            before.compiledBadly(SLOWED, 0.3);
            Map<String, Estimate> baseline = new Guard(before, Limits.FULL).measure(PATHS, BASELINE_FORKS);
            SimulatedForks now = new SimulatedForks(1000 + trial);
            now.compiledBadly(SLOWED, 0.3);
            assertThat(verdicts(now, Limits.FULL, baseline)).doesNotContainValue(Verdict.DROPPED);
        }
    }

    @Test
    void whatIsBelowTheLimitIsMeasuredInAllForksAndTheRestInFew() throws IOException {
        SimulatedForks forks = new SimulatedForks(7);
        forks.slow(SLOWED, 0.7);
        for (Judgement judgement : new Guard(forks, Limits.FULL).check(PATHS, baseline(8))) {
            if (judgement.path().equals(SLOWED)) {
                assertThat(judgement.forks()).isEqualTo(Limits.FULL.mostForks());
            } else {
                assertThat(judgement.forks()).isLessThan(Limits.FULL.mostForks());
            }
        }
    }

    @Test
    void samplesTakenWhileOthersWorkedDoNotCountIfThereAreOthers() throws IOException {
        Estimate peaceful = new Guard(new SimulatedForks(1), Limits.FULL)
                .measure(PATHS, BASELINE_FORKS)
                .get("path 0");
        assertThat(peaceful.level()).isBetween(0.94, 1.06);
    }

    @Test
    void aPathThatJavaCompilesBadlyInSomeForksHasAWideSpread() throws IOException {
        SimulatedForks forks = new SimulatedForks(3);
        forks.compiledBadly(SLOWED, 0.3);
        Map<String, Spread> spreads = new Guard(forks, Limits.FULL).spread(PATHS, 10);
        assertThat(spreads).hasSameSizeAs(PATHS);
        spreads.forEach((path, spread) -> {
            assertThat(spread.processes()).isEqualTo(10);
            assertThat(spread.wide()).as(path + ": " + spread).isEqualTo(path.equals(SLOWED));
        });
    }

    @Test
    void aSpreadIsOfTheMediansOfForks() {
        Spread spread =
                Spread.of(List.of(new double[] {1, 9, 2}, new double[] {4, 5, 4.5}, new double[] {3, 3, 0}), false);
        assertThat(spread).isEqualTo(new Spread(4.5, 2, 3, false));
        assertThat(spread.factor()).isEqualTo(2.25);
    }

    @Test
    void aBusyMachineIsTold() throws IOException {
        SimulatedForks forks = new SimulatedForks(1);
        forks.busy();
        assertThat(new Guard(forks, Limits.SHORT).check(PATHS, baseline(2)))
                .allSatisfy(judgement -> assertThat(judgement.busy()).isTrue());
    }

    @Test
    void aBusyMachineExcusesSlowPathsButNotMissingOnes() throws IOException {
        Map<String, Estimate> baseline = new LinkedHashMap<>(baseline(2));
        SimulatedForks atPeace = new SimulatedForks(1);
        atPeace.slow(SLOWED, 0.4);
        assertThat(Judgement.excused(new Guard(atPeace, Limits.SHORT).check(PATHS, baseline)))
                .isFalse();
        SimulatedForks busy = new SimulatedForks(1);
        busy.slow(SLOWED, 0.4);
        busy.busy();
        assertThat(Judgement.excused(new Guard(busy, Limits.SHORT).check(PATHS, baseline)))
                .isTrue();
        baseline.put("gone", new Estimate(1, 1, 1));
        assertThat(Judgement.excused(new Guard(busy, Limits.SHORT).check(PATHS, baseline)))
                .isFalse();
    }

    @Test
    void aPathThatIsNotMeasuredAnyMoreFails() throws IOException {
        Map<String, Estimate> baseline = new LinkedHashMap<>(baseline(1));
        baseline.put("gone", new Estimate(1, 1, 1));
        List<Judgement> judgements = new Guard(new SimulatedForks(2), Limits.FULL).check(PATHS, baseline);
        assertThat(judgements)
                .filteredOn(Judgement::failed)
                .extracting(Judgement::path, Judgement::verdict)
                .containsExactly(tuple("gone", Verdict.MISSING));
    }

    @Test
    void aNewPathPassesAndAFasterOneAsksForABaseline() throws IOException {
        SimulatedForks forks = new SimulatedForks(3);
        forks.slow("path 1", 1.5);
        Map<String, Estimate> baseline = new LinkedHashMap<>(baseline(4));
        baseline.remove("path 0");
        Map<String, Verdict> verdicts = verdicts(forks, Limits.FULL, baseline);
        assertThat(verdicts.get("path 0")).isEqualTo(Verdict.NEW);
        assertThat(verdicts.get("path 1")).isEqualTo(Verdict.FASTER);
        assertThat(verdicts.get("path 2")).isEqualTo(Verdict.HELD);
    }
}
