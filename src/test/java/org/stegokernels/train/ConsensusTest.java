package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.train.Consensus.Snapshot;

class ConsensusTest {
    @TempDir
    Path folder;

    private Consensus consensus() {
        return new Consensus(new TrainingFolder(folder));
    }

    /** Surveys steps 10, 20, 30 and so on. */
    private Consensus surveyed(List<List<Integer>> labels) throws IOException {
        Consensus consensus = consensus();
        for (int i = 0; i < labels.size(); i++) {
            Map<String, HostTensor> parts = Map.of("a", HostTensor.of(new float[] {i}, 1));
            consensus.add(new Snapshot(10 * (i + 1), parts, List.of(i, 7)), labels.get(i));
        }
        return consensus;
    }

    /** Step 20 shares 3 + 3 + 1 patches with the others, 10 and 30 less; 40 has turned over. */
    private static final List<List<Integer>> LABELS =
            List.of(List.of(0, 1, 2, 3), List.of(0, 1, 2, 0), List.of(0, 1, 1, 0), List.of(3, 3, 3, 0));

    @Test
    void theStepIsTheOneThatSharesMostPatchesWithTheOthers() throws IOException {
        Consensus consensus = surveyed(LABELS);
        assertThat(consensus.step()).contains(20);
        assertThat(consensus.since()).isEqualTo(2);
        Snapshot snapshot = consensus.snapshot().orElseThrow();
        assertThat(snapshot.step()).isEqualTo(20);
        assertThat(snapshot.parts()).containsOnlyKeys("a");
        assertThat(snapshot.parts().get("a").values()).containsExactly(1);
        assertThat(snapshot.clusterToClass()).containsExactly(1, 7);
    }

    @Test
    void ofStepsThatAgreeAlikeTheLatestIsTaken() throws IOException {
        List<Integer> same = List.of(1, 2, 0);
        assertThat(surveyed(List.of(same, same, same)).step()).contains(30);
    }

    @Test
    void twoStepsHaveNoConsensus() throws IOException {
        Consensus consensus = surveyed(LABELS.subList(0, 2));
        assertThat(consensus.step()).isEmpty();
        assertThat(consensus.snapshot()).isEmpty();
        assertThat(consensus.since()).isZero();
    }

    @Test
    void aTrainingThatGoesOnHasTheStepsBeforeItAndNoLaterOne() throws IOException {
        surveyed(LABELS);
        Consensus again = consensus();
        again.resume(30, 10);
        assertThat(again.step()).contains(20);
        assertThat(again.since()).isEqualTo(1);
        assertThat(folder.resolve("snapshots")).isDirectoryNotContaining("glob:**step-40*");
    }

    @Test
    void theLastStepOfAShorterTrainingIsLeftOut() throws IOException {
        surveyed(LABELS);
        Consensus again = consensus();
        again.resume(40, 20);
        assertThat(folder.resolve("snapshots")).isDirectoryContaining("glob:**step-20*");
        assertThat(folder.resolve("snapshots")).isDirectoryNotContaining("glob:**step-30*");
    }

    @Test
    void aNewTrainingBeginsWithoutTheStepsOfTheLast() throws IOException {
        surveyed(LABELS);
        Consensus anew = consensus();
        anew.resume(0, 10);
        assertThat(anew.step()).isEmpty();
        assertThat(folder.resolve("snapshots")).isEmptyDirectory();
    }

    @Test
    void aDamagedFileIsAsIfItWereMissing() throws IOException {
        surveyed(LABELS);
        Path file = folder.resolve("snapshots/step-20.safetensors");
        Files.write(file, new byte[] {1, 2, 3});
        Consensus again = consensus();
        again.resume(40, 10);
        assertThat(again.step()).contains(30);
        assertThat(file).doesNotExist();
    }
}
