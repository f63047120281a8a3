package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.testing.ThreadCounts;
import org.stegokernels.train.loss.Objective;
import org.stegokernels.weights.Safetensors;

/** Trainings of prototypes on features and on the codes of a given head. */
class PrimapsTrainingTest {
    private static final int CODE = 6;

    @TempDir
    Path folder;

    private static TrainSettings settings(String... changes) {
        String[] all = new String[changes.length + 2];
        all[0] = "objective=primaps";
        all[1] = "prototype_momentum_steps=3";
        System.arraycopy(changes, 0, all, 2, changes.length);
        return TrainerTest.settings(all);
    }

    /** A head of one layer, and clusters of its codes. */
    private static Map<String, HostTensor> head() {
        Map<String, HostTensor> head = new LinkedHashMap<>();
        int channels = SyntheticExamples.CHANNELS;
        head.put(
                "cluster1.0.weight",
                HostTensor.of(ThreadCounts.normal(1, CODE * channels, 0, 1), CODE, channels, 1, 1));
        head.put("cluster1.0.bias", HostTensor.of(ThreadCounts.normal(2, CODE, 0, 1), CODE));
        head.put(
                Objective.CLUSTERS,
                HostTensor.of(
                        ThreadCounts.normal(3, SyntheticExamples.CLASSES * CODE, 0, 1),
                        SyntheticExamples.CLASSES,
                        CODE));
        return head;
    }

    private TrainerTest.Told train(
            String name, int threads, TrainSettings settings, Map<String, HostTensor> given, boolean resume)
            throws IOException {
        TrainerTest.Told told = new TrainerTest.Told();
        try (Device device = TrainerTest.cpu(threads);
                TrainingFolder.Lock lock = new TrainingFolder(folder.resolve(name)).lock();
                Trainer trainer = new Trainer(
                        device,
                        settings,
                        new SyntheticExamples(TrainerTest.IMAGES),
                        SyntheticExamples.CLASSES,
                        given,
                        lock,
                        TrainerTest.hooks(told, parts -> TrainerTest.scores(0.1)))) {
            if (resume) {
                trainer.resume();
            }
            assertThat(trainer.run()).isTrue();
            device.checkGuards();
        }
        return told;
    }

    private Path last(String name) {
        return new TrainingFolder(folder.resolve(name)).last();
    }

    @ParameterizedTest
    @CsvSource({"16, false", "6, true"})
    void everyThreadCountAndAStopGiveTheSameBits(int dim, boolean withHead) throws IOException {
        Map<String, HostTensor> given = withHead ? head() : Map.of();
        train("whole", 1, settings("dim=" + dim), given, false);
        train("threads", 3, settings("dim=" + dim), given, false);
        train("parts", 2, settings("dim=" + dim, "max_steps=7"), given, false);
        train("parts", 1, settings("dim=" + dim), given, true);
        Path whole = new TrainingFolder(folder.resolve("whole")).checkpoint();
        for (String other : new String[] {"threads", "parts"}) {
            TrainerTest.assertSameTensors(new TrainingFolder(folder.resolve(other)).checkpoint(), whole);
            TrainerTest.assertSameTensors(last(other), last("whole"));
        }
    }

    @Test
    void onFeaturesTheModelHasNoHead() throws IOException {
        TrainerTest.Told told = train("raw", 2, settings("dim=16", "max_steps=60"), Map.of(), false);
        try (Safetensors model = Safetensors.open(last("raw"))) {
            assertThat(model.names())
                    .containsExactlyInAnyOrder("linear_probe.weight", "linear_probe.bias", Objective.CLUSTERS);
        }
        double first = told.losses.get(0).cluster();
        assertThat(told.losses.get(59).cluster()).isLessThan(first);
    }

    @Test
    void theHeadOfTheModelStaysAsItIs() throws IOException {
        train("codes", 2, settings("dim=6"), head(), false);
        try (Safetensors model = Safetensors.open(last("codes"))) {
            for (String name : new String[] {"cluster1.0.weight", "cluster1.0.bias"}) {
                assertThat(model.floats(name))
                        .as(name)
                        .isEqualTo(head().get(name).values());
            }
            assertThat(model.floats(Objective.CLUSTERS))
                    .isNotEqualTo(head().get(Objective.CLUSTERS).values());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dim=70", "loader_crop_type=random"})
    void refusesWhatDoesNotFit(String change) {
        TrainSettings settings = settings("dim=16", change);
        assertThatThrownBy(() -> train("bad", 1, settings, Map.of(), false))
                .isInstanceOf(TrainingException.BadSettings.class)
                .hasMessageContaining("primaps");
    }
}
