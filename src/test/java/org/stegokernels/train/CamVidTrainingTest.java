package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.data.Dataset;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.stego.Stego;
import org.stegokernels.train.TrainSettings.Source;
import org.stegokernels.train.Trainer.Hooks;
import org.stegokernels.vit.Backbone.FeatureKind;

/** A short training on real photographs of streets: far from done, but on the way. */
class CamVidTrainingTest {
    private static final Path DATA = Path.of("../shared/camvid");
    private static final Path BACKBONE = Path.of("../shared/weights/deit_tiny_patch16_224.safetensors");

    @TempDir
    Path folder;

    @Test
    void clustersBecomeClasses() throws IOException {
        assumeTrue(Files.exists(DATA) && Files.exists(BACKBONE), DATA + " or " + BACKBONE + " is not there");
        Dataset dataset = Dataset.open(Dataset.Settings.of(Dataset.Kind.DIRECTORY, DATA, "val"));
        TrainSettings settings = Source.defaults()
                .text("test", "{res: 160, max_steps: 60, batch_size: 8, val_freq: 30}")
                .settings();
        List<Hooks.Scores> scores = new ArrayList<>();
        try (Device device = Devices.choose("cpu").open(Device.Options.DEFAULT);
                Stego model = Stego.load(BACKBONE, device)) {
            FeatureSource source = new FeatureSource(
                    model.backbone(),
                    model.backboneKey(),
                    FeatureKind.FEAT,
                    settings.data().size());
            FeatureCache.Settings memory = FeatureCache.Settings.inMemory();
            FeatureCache cache = FeatureCache.open(dataset, source, memory, FeatureCache.Progress.NONE);
            int classes = dataset.classes().count();
            try (TrainingExamples examples = TrainingExamples.cached(cache, dataset);
                    Hooks.Validation validation = Hooks.Validation.onFeatures(device, cache, classes)) {
                Hooks.Validation kept = parts -> {
                    scores.add(validation.run(parts));
                    return scores.get(scores.size() - 1);
                };
                TrainingFolder out = new TrainingFolder(folder);
                Hooks hooks = new Hooks(
                        new Hooks.ModelFiles(model, settings, dataset.classes()), kept, new TrainerTest.Told());
                try (TrainingFolder.Lock lock = out.lock();
                        Trainer trainer = new Trainer(device, settings, examples, classes, lock, hooks)) {
                    assertThat(trainer.run()).isTrue();
                }
                try (Stego trained = Stego.load(out.best(), device)) {
                    assertThat(trained.info().classNames())
                            .isEqualTo(dataset.classes().names());
                    assertThat(trained.clusterToClass()).hasSize(classes);
                }
            }
        }
        assertThat(scores).hasSize(2);
        // Chance is a mean IoU of about 4%; the published code has 30% after 250 steps at 320 pixels.
        assertThat(scores.get(1).clusterMeanIou()).isGreaterThan(0.15);
        assertThat(scores.get(1).linearMeanIou()).isGreaterThan(0.15);
    }
}
