package org.stegokernels.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.stegokernels.eval.Evaluator.Extremes;
import org.stegokernels.eval.Evaluator.Seen;
import org.stegokernels.eval.Scores.Matching;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.RgbImage;

class CertaintyTest {
    private static final int SIDE = 20;

    /** Cluster 0 is class 1, cluster 1 class 0, and cluster 2 none. */
    private static final Matching MATCHING = new Matching(new int[] {1, 0, Matching.NONE});

    private final Certainty certainty = new Certainty(3);

    /** Adds an image whose first pixels are of cluster 0, and the others of cluster 1. */
    private void add(String id, int first, float ofFirst, float ofOthers) {
        byte[] labels = new byte[SIDE * SIDE];
        float[] confidence = new float[labels.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (byte) (i < first ? 0 : 1);
            confidence[i] = i < first ? ofFirst : ofOthers;
        }
        certainty.add(
                id,
                new RgbImage(SIDE, SIDE, new byte[3 * labels.length]),
                new LabelMap(SIDE, SIDE, labels),
                confidence);
    }

    private static List<String> ids(List<Seen> seen) {
        return seen.stream().map(Seen::id).toList();
    }

    @Test
    void theSurestAndTheLeastSureImagesOfEachClassAreFound() {
        float[] ofFirst = {0.5f, 0.9f, 0.3f, 0.7f, 0.2f, 0.8f, 0.6f, 0.9f};
        for (int i = 0; i < ofFirst.length; i++) {
            add("image" + i, 100, ofFirst[i], 1 - ofFirst[i]);
        }
        List<Extremes> found = certainty.under(MATCHING, 2);
        assertThat(ids(found.get(1).most())).containsExactly("image1", "image7", "image5");
        assertThat(ids(found.get(1).least())).containsExactly("image4", "image2", "image0");
        assertThat(ids(found.get(0).most())).containsExactly("image4", "image2", "image0");
        assertThat(ids(found.get(0).least())).containsExactly("image1", "image7", "image5");
        Seen surest = found.get(1).most().get(0);
        assertThat(surest.confidence()).isCloseTo(0.9, within(1e-6));
        assertThat(surest.share()).isEqualTo(0.25);
        byte[] where = new byte[SIDE * SIDE];
        Arrays.fill(where, 100, where.length, (byte) LabelMap.IGNORE);
        assertThat(surest.where().labels()).isEqualTo(where);
    }

    @Test
    void aFewPixelsDoNotCount() {
        add("three", 3, 1, 0.5f);
        add("four", 4, 0.9f, 0.5f);
        assertThat(ids(certainty.under(MATCHING, 2).get(1).most())).containsExactly("four");
    }

    @Test
    void noImageIsAmongBoth() {
        for (int i = 0; i < 4; i++) {
            add("image" + i, 100, 0.5f + 0.1f * i, 0.5f);
        }
        Extremes found = certainty.under(MATCHING, 2).get(1);
        assertThat(ids(found.most())).containsExactly("image3", "image2", "image1");
        assertThat(ids(found.least())).containsExactly("image0");
    }

    @Test
    void aClassWithoutClusterHasNone() {
        add("image", 100, 0.5f, 0.5f);
        assertThat(certainty.under(new Matching(new int[] {0, 1, 2}), 4).get(3))
                .isEqualTo(new Extremes(List.of(), List.of()));
    }

    @Test
    void picturesAreSmall() {
        RgbImage large = new RgbImage(900, 300, new byte[3 * 900 * 300]);
        float[] confidence = new float[900 * 300];
        certainty.add("large", large, new LabelMap(900, 300, new byte[900 * 300]), confidence);
        Seen seen = certainty.under(MATCHING, 2).get(1).most().get(0);
        assertThat(seen.image().width()).isEqualTo(240);
        assertThat(seen.where().height()).isEqualTo(80);
    }
}
