package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.Datasets;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.stego.Stego;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.vit.Backbone.FeatureKind;
import org.stegokernels.weights.TypedTensor.DType;

/** Features computed in each step are those that are kept, and crops and augmentations move labels and places along. */
class LiveExamplesTest {
    private static final int SIZE = 32;
    private static final int IMAGES = 5;

    @TempDir
    Path folder;

    private static TrainSettings settings(String change) {
        return TrainerTest.settings("batch_size=2", change);
    }

    private static HostBatch prepared(TrainingExamples examples, TrainSettings settings) {
        HostBatch batch = new HostBatch(settings);
        batch.begin(new StepDraw(0, 3, new int[] {4, 1, 0, 2}), examples);
        examples.prepare(batch);
        examples.complete(batch);
        return batch;
    }

    @Test
    void withoutCropsTheyAreTheOnesThatAreKept() throws IOException {
        Path root = Datasets.directory(folder, "train", IMAGES, 50, 40);
        Dataset dataset = Dataset.open(Dataset.Settings.of(Dataset.Kind.DIRECTORY, root, "train"));
        FeatureCache.Settings exact = FeatureCache.Settings.inMemory().withType(DType.F32);
        try (Device device = TestDevices.open(Devices.choose("cpu"));
                Stego model = Stego.load(Path.of("kernels/reference/vit_micro_p8.safetensors"), device)) {
            FeatureSource source = new FeatureSource(model.backbone(), model.backboneKey(), FeatureKind.FEAT, SIZE);
            FeatureCache cache = FeatureCache.open(dataset, source, exact, FeatureCache.Progress.NONE);
            try (TrainingExamples kept = TrainingExamples.cached(cache, dataset);
                    TrainingExamples live = TrainingExamples.live(dataset, source, false, FeatureCache.Progress.NONE)) {
                assertThat(live.embeddings()).isEqualTo(kept.embeddings());
                for (String change : new String[] {"crf_weight=1", "use_salience=true"}) {
                    HostBatch expected = prepared(kept, settings(change));
                    HostBatch actual = prepared(live, settings(change));
                    assertThat(actual.features).isEqualTo(expected.features);
                    assertThat(actual.labels).isEqualTo(expected.labels);
                    assertThat(actual.guidance).isEqualTo(expected.guidance);
                }
            }
            device.checkGuards();
        }
    }

    @Test
    void randomCropsMoveTheLabelsAndAugmentationsStayInside() throws IOException {
        Path root = Datasets.directory(folder, "train", IMAGES, 90, 40);
        Dataset dataset = Dataset.open(Dataset.Settings.of(Dataset.Kind.DIRECTORY, root, "train"));
        try (Device device = TestDevices.open(Devices.choose("cpu"));
                Stego model = Stego.load(Path.of("kernels/reference/vit_micro_p8.safetensors"), device)) {
            FeatureSource source = new FeatureSource(model.backbone(), model.backboneKey(), FeatureKind.FEAT, SIZE);
            try (TrainingExamples centre = TrainingExamples.live(dataset, source, false, FeatureCache.Progress.NONE);
                    TrainingExamples random =
                            TrainingExamples.live(dataset, source, true, FeatureCache.Progress.NONE)) {
                TrainSettings settings = settings("aug_alignment_weight=1");
                HostBatch augmented = prepared(random, settings);
                HostBatch again = prepared(random, settings);
                assertThat(again.features).isEqualTo(augmented.features);
                assertThat(augmented.labels).isNotEqualTo(prepared(centre, settings).labels);
                assertThat(augmented.features).hasSize(6 * 16 * random.channels());
                // A crop of at least 80% of the area begins less than a fifth away from the border.
                assertThat(augmented.alignedCoords).hasSize(2 * 16 * 2);
                for (float place : augmented.alignedCoords) {
                    assertThat(place).isBetween(-1.3f, 1.3f);
                }
                double mean = 0;
                for (float place : augmented.alignedCoords) {
                    mean += place / augmented.alignedCoords.length;
                }
                assertThat(mean).isCloseTo(0, within(0.3));
            }
        }
    }
}
