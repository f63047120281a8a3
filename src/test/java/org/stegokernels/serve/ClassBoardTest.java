package org.stegokernels.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.stegokernels.serve.ClassBoard.BoardClass;
import org.stegokernels.stego.ModelInfo;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.tensor.HostTensor;

/** Changes of classes. */
class ClassBoardTest {
    private static final Candidates CANDIDATES =
            new Candidates(1, Candidates.Source.MODEL, Probe.CLUSTER, HostTensor.of(new float[10], 5, 2), null, 2);
    private static final ClassBoard BOARD = new ClassBoard(
            CANDIDATES,
            List.of(
                    new BoardClass(0, "sky", 0x0000FF),
                    new BoardClass(1, "road", 0x808080),
                    new BoardClass(4, "car", 7)),
            new int[] {0, 1, 4, 1, 0},
            List.of(new Teaching.Stroke(4, true, 0, new int[1], new float[2])),
            "Open");

    private static void refused(int status, String reason, ThrowingCallable change) {
        assertThatExceptionOfType(Problem.class)
                .isThrownBy(change)
                .withMessageContaining(reason)
                .satisfies(problem -> assertThat(problem.status()).isEqualTo(status));
    }

    @Test
    void aNameAndAColourAreThoseOfOneClassAlone() {
        ClassBoard changed = BOARD.renamed(1, " street ").recolored(4, 0x123456);
        assertThat(changed.classes())
                .containsExactly(
                        new BoardClass(0, "sky", 0x0000FF),
                        new BoardClass(1, "street", 0x808080),
                        new BoardClass(4, "car", 0x123456));
        assertThat(changed.classOf()).isEqualTo(BOARD.classOf());
        assertThat(changed.generation()).isEqualTo(BOARD.generation());
        assertThat(BOARD.get(1).name()).isEqualTo("road");
        assertThat(BOARD.renamed(1, "road").classes()).isEqualTo(BOARD.classes());
    }

    @Test
    void mergedClassesAreTheFirstOfThemInTheList() {
        ClassBoard merged = BOARD.merged(List.of(4, 1), "traffic");
        assertThat(merged.classes())
                .containsExactly(new BoardClass(0, "sky", 0x0000FF), new BoardClass(1, "traffic", 0x808080));
        assertThat(merged.classOf()).containsExactly(0, 1, 1, 1, 0);
        assertThat(merged.strokes().get(0).classId()).isEqualTo(1);
        assertThat(BOARD.merged(List.of(0, 4), null).get(0).name()).isEqualTo("sky");
        assertThat(BOARD.merged(List.of(0, 4), "car").get(0).name()).isEqualTo("car");
    }

    @Test
    void whatCannotBeIsRefusedWithItsReason() {
        refused(404, "no class 7", () -> BOARD.renamed(7, "x"));
        refused(404, "no class -1", () -> BOARD.recolored(-1, 0));
        refused(409, "Two classes would be called \"sky\". Merge them", () -> BOARD.renamed(1, "sky"));
        refused(409, "\"sky\"", () -> BOARD.merged(List.of(1, 4), "sky"));
        refused(422, "needs a name", () -> BOARD.renamed(1, "  "));
        refused(422, "control characters", () -> BOARD.renamed(1, "a\u202Eb"));
        refused(422, "at most 100", () -> BOARD.renamed(1, "x".repeat(101)));
        refused(422, "two classes or more", () -> BOARD.merged(List.of(1, 1), "x"));
        refused(404, "no class 9", () -> BOARD.merged(List.of(1, 9), "x"));
    }

    @Test
    void aModelFileHasTheClassesInTheirOrder() {
        ModelInfo info = BOARD.info();
        assertThat(info.classNames()).containsExactly("sky", "road", "car");
        assertThat(info.colours()).containsExactly(0x0000FF, 0x808080, 7);
        assertThat(info.clusterToClass()).containsExactly(0, 1, 2, 1, 0);
    }

    @Test
    void aFreshClassHasAnIdANameAndAColourOfItsOwn() {
        BoardClass fresh =
                ClassBoard.fresh(BOARD.classes(), BOARD.nextId(), ClassBoard.freeName(BOARD.classes(), "cluster", 1));
        assertThat(fresh.id()).isEqualTo(5);
        assertThat(fresh.name()).isEqualTo("cluster 1");
        assertThat(BOARD.classes()).extracting(BoardClass::rgb).doesNotContain(fresh.rgb());
        assertThat(ClassBoard.freeName(List.of(fresh), "cluster", 1)).isEqualTo("cluster 2");
    }
}
