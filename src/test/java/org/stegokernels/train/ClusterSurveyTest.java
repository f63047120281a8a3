package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.stegokernels.train.TrainerTest.cpu;
import static org.stegokernels.train.TrainerTest.settings;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.Tensor;

class ClusterSurveyTest {
    private static final int PATCHES = SyntheticExamples.SIDE * SyntheticExamples.SIDE;

    /** A patch with its cosines, in double precision, of a plain loop. */
    private record Known(int image, int patch, int cluster, double cosine) {}

    private static List<Known> known(
            Device device, SyntheticExamples examples, TrainedParts parts, Set<Integer> images) {
        float[] centres = device.floats(parts.clusters());
        int clusters = parts.clusters().shape().dim(0);
        int dim = parts.clusters().shape().dim(1);
        List<Known> known = new ArrayList<>();
        for (int image : images) {
            HostBatch host = new HostBatch();
            host.begin(new StepDraw(0, 0, new int[] {image, image}), examples);
            examples.prepare(host);
            float[] codes;
            try (Tensor in = device.upload(host.features, PATCHES, SyntheticExamples.CHANNELS);
                    Tensor out = device.allocate(PATCHES, dim)) {
                parts.code(in, out);
                codes = device.floats(out);
            }
            for (int patch = 0; patch < PATCHES; patch++) {
                int best = -1;
                double cosine = -2;
                for (int cluster = 0; cluster < clusters; cluster++) {
                    double dot = 0;
                    double a = 0;
                    double b = 0;
                    for (int c = 0; c < dim; c++) {
                        double x = codes[patch * dim + c];
                        double y = centres[cluster * dim + c];
                        dot += x * y;
                        a += x * x;
                        b += y * y;
                    }
                    if (dot / Math.sqrt(a * b) > cosine) {
                        cosine = dot / Math.sqrt(a * b);
                        best = cluster;
                    }
                }
                known.add(new Known(image, patch, best, cosine));
            }
        }
        return known;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 9, 23, 100})
    void everyPatchCountsForItsNearestClusterAndTheNearestAreTypical(int images) {
        try (Device device = cpu(1);
                TrainedParts parts = new TrainedParts(
                        device,
                        settings("extra_clusters=2"),
                        SyntheticExamples.CHANNELS,
                        SyntheticExamples.CLASSES,
                        Map.of(),
                        null)) {
            SyntheticExamples examples = new SyntheticExamples(images);
            ClusterSurvey survey = ClusterSurvey.of(examples, parts);
            Set<Integer> seen = new HashSet<>();
            for (int i = 0; i < Math.min(64, images); i++) {
                seen.add(i * images / Math.min(64, images));
            }
            List<Known> known = known(device, examples, parts, seen);
            assertThat(survey.images()).isEqualTo(seen.size());
            for (int cluster = 0; cluster < survey.clusters(); cluster++) {
                int wanted = cluster;
                List<Known> own = known.stream()
                        .filter(patch -> patch.cluster() == wanted)
                        .sorted(Comparator.comparing(Known::cosine).reversed())
                        .toList();
                assertThat(survey.patches().get(cluster)).isEqualTo(own.size());
                assertThat(survey.share(cluster)).isCloseTo((double) own.size() / known.size(), within(1e-12));
                List<ClusterSurvey.Patch> typical = survey.typical().get(cluster);
                assertThat(typical).hasSize(Math.min(ClusterSurvey.TYPICAL, own.size()));
                if (!typical.isEmpty()) {
                    assertThat((double) typical.get(0).cosine())
                            .isCloseTo(own.get(0).cosine(), within(1e-5));
                    long imagesOfCluster =
                            own.stream().map(Known::image).distinct().count();
                    assertThat(typical.stream()
                                    .map(ClusterSurvey.Patch::image)
                                    .distinct()
                                    .count())
                            .isEqualTo(Math.min(ClusterSurvey.TYPICAL, imagesOfCluster));
                }
                for (ClusterSurvey.Patch patch : typical) {
                    int number = patch.row() * SyntheticExamples.SIDE + patch.column();
                    assertThat(own)
                            .anyMatch(one -> one.image() == patch.image()
                                    && one.patch() == number
                                    && Math.abs(one.cosine() - patch.cosine()) < 1e-5);
                }
            }
        }
    }

    @Test
    void oneClusterWithNearlyAllPatchesIsWarnedOf() {
        List<List<ClusterSurvey.Patch>> none = List.of(List.of(), List.of(), List.of());
        assertThat(new ClusterSurvey(1, List.of(80L, 20L, 0L), none, List.of()).warning())
                .isEmpty();
        ClusterSurvey collapsed = new ClusterSurvey(1, List.of(10L, 81L, 9L), none, List.of());
        assertThat(collapsed.inUse()).isEqualTo(3);
        assertThat(collapsed.warning().orElseThrow()).contains("81.0%", "--shifts auto");
    }
}
