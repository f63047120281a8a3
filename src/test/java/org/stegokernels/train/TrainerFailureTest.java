package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.stegokernels.train.TrainerTest.IMAGES;
import static org.stegokernels.train.TrainerTest.cpu;
import static org.stegokernels.train.TrainerTest.hooks;
import static org.stegokernels.train.TrainerTest.mean;
import static org.stegokernels.train.TrainerTest.scores;
import static org.stegokernels.train.TrainerTest.settings;
import static org.stegokernels.train.TrainerTest.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stegokernels.device.Device;
import org.stegokernels.knn.NeighborGraph;
import org.stegokernels.train.Trainer.Hooks;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;

/** A training that fails, or can't go on, says why and leaves what was good. */
class TrainerFailureTest {
    private static final int ALL = SyntheticExamples.SIDE * SyntheticExamples.SIDE * SyntheticExamples.CHANNELS;

    @TempDir
    Path folder;

    private TrainingFolder out(String name) {
        return new TrainingFolder(folder.resolve(name));
    }

    @Test
    void aLossThatIsNoNumberStopsTheTrainingAndKeepsTheCheckpoint() throws IOException {
        try (Device device = cpu(1)) {
            TrainingFolder out = out("spoilt");
            int spoilt = -1;
            int badStep = -1;
            while (badStep < 5) {
                spoilt++;
                float[] embeddings =
                        new SyntheticExamples(IMAGES).spoilt(spoilt, ALL).embeddings();
                NeighborGraph graph = NeighborGraph.build(device, embeddings, SyntheticExamples.CHANNELS, 4);
                badStep = firstStepWith(new StepDraw.Source(settings(), graph), spoilt);
            }
            try (TrainingFolder.Lock lock = out.lock();
                    Trainer trainer = new Trainer(
                            device,
                            settings("checkpoint_freq=1", "crf_weight=0"),
                            new SyntheticExamples(IMAGES).spoilt(spoilt, ALL),
                            SyntheticExamples.CLASSES,
                            lock,
                            hooks(new TrainerTest.Told(), null))) {
                assertThatThrownBy(trainer::run)
                        .isInstanceOf(TrainingException.class)
                        .hasMessageContaining("step " + (badStep + 1) + ": the loss ");
            }
            assertThat(Trainer.checkpointed(out)).contains(badStep);
            assertThat(out.last()).doesNotExist();
        }
    }

    /** One bad patch that no point happens to be near reaches the weights, but no loss. */
    @Test
    void weightsThatAreNoNumbersAreNotWritten() throws IOException {
        try (Device device = cpu(1)) {
            for (int image = 0; image < IMAGES; image++) {
                TrainingFolder out = out("corner" + image);
                try (TrainingFolder.Lock lock = out.lock();
                        Trainer trainer = new Trainer(
                                device,
                                settings("checkpoint_freq=1", "feature_samples=1"),
                                new SyntheticExamples(IMAGES).spoilt(image, 1),
                                SyntheticExamples.CLASSES,
                                lock,
                                hooks(new TrainerTest.Told(), null))) {
                    assertThatThrownBy(trainer::run)
                            .isInstanceOf(TrainingException.class)
                            .hasMessageContaining("step ");
                }
                if (Files.exists(out.checkpoint())) {
                    try (Safetensors kept = Safetensors.open(out.checkpoint())) {
                        for (String name : kept.names()) {
                            assertThat(mean(kept.floats(name), 1)).isFinite();
                        }
                    }
                }
            }
        }
    }

    private static int firstStepWith(StepDraw.Source draws, int image) {
        int step = 0;
        while (Arrays.stream(draws.step(step).images()).noneMatch(drawn -> drawn == image)) {
            step++;
        }
        return step;
    }

    @Test
    void aModelThatCantBeWrittenLeavesTheLastCheckpoint() throws IOException {
        try (Device device = cpu(1)) {
            TrainingFolder out = out("full");
            Hooks hooks = new Hooks(
                    (file, parts, map) -> {
                        throw new IOException("cannot write " + file + ": the disk is full");
                    },
                    parts -> scores(0.3),
                    new TrainerTest.Told());
            try (TrainingFolder.Lock lock = out.lock();
                    Trainer trainer = new Trainer(
                            device,
                            settings("checkpoint_freq=3", "val_freq=7"),
                            new SyntheticExamples(IMAGES),
                            SyntheticExamples.CLASSES,
                            lock,
                            hooks)) {
                assertThatThrownBy(trainer::run).isInstanceOf(IOException.class).hasMessageContaining("disk is full");
            }
            assertThat(Trainer.checkpointed(out)).contains(6);
        }
    }

    @Test
    void onlyTheSameTrainingGoesOn() throws IOException {
        try (Device device = cpu(1)) {
            TrainingFolder out = out("first");
            train(device, settings("max_steps=5"), out, false);
            assertThatThrownBy(() -> train(device, settings("lr=1e-3"), out, true))
                    .isInstanceOf(TrainingException.BadSettings.class)
                    .hasMessageContaining("lr")
                    .hasMessageContaining("0.001");
            try (TrainingFolder.Lock lock = out.lock();
                    Trainer other = new Trainer(
                            device,
                            settings(),
                            new SyntheticExamples(IMAGES + 1),
                            SyntheticExamples.CLASSES,
                            lock,
                            hooks(new TrainerTest.Told(), null))) {
                assertThatThrownBy(other::resume)
                        .isInstanceOf(TrainingException.BadSettings.class)
                        .hasMessageContaining("other images");
            }
            byte[] bytes = Files.readAllBytes(out.checkpoint());
            Files.write(out.checkpoint(), Arrays.copyOf(bytes, bytes.length - 100));
            assertThatThrownBy(() -> train(device, settings(), out, true))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("checkpoint.safetensors");
        }
    }
}
