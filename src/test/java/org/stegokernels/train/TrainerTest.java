package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.testing.TestDevices;
import org.stegokernels.train.TrainSettings.Source;
import org.stegokernels.train.Trainer.Hooks;
import org.stegokernels.train.loss.Objective.Parameter;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;

/** Whole trainings: the same bits however they are run or interrupted, and nothing lost when they fail. */
class TrainerTest {
    static final int IMAGES = 23;

    @TempDir
    Path folder;

    /** Collects what a training tells. */
    static final class Told implements Hooks.Listener {
        final List<TrainingStep.Losses> losses = new ArrayList<>();
        final List<ClusterSurvey> surveyed = new ArrayList<>();
        final List<Integer> validated = new ArrayList<>();
        final List<Boolean> best = new ArrayList<>();

        @Override
        public void trained(int step, TrainingStep.Losses stepLosses) {
            losses.add(stepLosses);
        }

        @Override
        public void surveyed(int step, ClusterSurvey clusters) {
            surveyed.add(clusters);
        }

        @Override
        public void validated(int step, Hooks.Scores scores, boolean isBest) {
            validated.add(step);
            best.add(isBest);
        }
    }

    static TrainSettings settings(String... changes) {
        Source source = Source.defaults()
                .text(
                        "test",
                        "{max_steps: 20, batch_size: 4, dim: 6, feature_samples: 3, neg_samples: 2, num_neighbors: 3,"
                                + " checkpoint_freq: 5, val_freq: 4, hist_freq: 10, scalar_log_freq: 1,"
                                + " crf_samples: 20}");
        for (String change : changes) {
            source = source.set(change);
        }
        return source.settings();
    }

    static Hooks hooks(Hooks.Listener listener, Hooks.Validation validation) {
        return new Hooks(
                (file, parts, map) -> SafetensorsWriter.write(file, parts, Map.of("map", map.toString())),
                validation,
                listener);
    }

    static Hooks.Scores scores(double clusterMeanIou) {
        return new Hooks.Scores(0.5, 0.6, clusterMeanIou, 0.4, List.of(0, 1, 2, 3));
    }

    static Device cpu(int threads) {
        Devices.Choice choice = Devices.choose("cpu");
        return choice.open(new Device.Options(threads, true));
    }

    private TrainingFolder out(String name) {
        return new TrainingFolder(folder.resolve(name));
    }

    static Told train(Device device, TrainSettings settings, TrainingFolder out, boolean resume) throws IOException {
        Told told = new Told();
        try (TrainingFolder.Lock lock = out.lock();
                Trainer trainer = new Trainer(
                        device,
                        settings,
                        new SyntheticExamples(IMAGES),
                        SyntheticExamples.CLASSES,
                        lock,
                        hooks(told, parts -> scores(0.1)))) {
            if (resume) {
                trainer.resume();
            }
            assertThat(trainer.run()).isTrue();
        }
        return told;
    }

    /** Everything that was trained, and the optimisers' memory. */
    static void assertSameTensors(Path actual, Path expected) {
        try (Safetensors a = Safetensors.open(actual);
                Safetensors b = Safetensors.open(expected)) {
            assertThat(a.names()).isEqualTo(b.names());
            for (String name : a.names()) {
                assertThat(Arrays.equals(a.floats(name), b.floats(name)))
                        .as(name)
                        .isTrue();
            }
            assertThat(a.metadata().get("optimiser_steps"))
                    .isEqualTo(b.metadata().get("optimiser_steps"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dropout=true",
                "projection_type=linear",
                "use_true_labels=true",
                "use_salience=true",
                "rec_weight=0.5",
                "crf_weight=0.5",
                "aug_alignment_weight=0.5",
                "kmeans_start=true",
                "reset_probe_steps=7",
                "extra_clusters=2",
                "objective=smooseg",
                "objective=adjacency"
            })
    void everyThreadCountGivesTheSameBits(String change) throws IOException {
        Path first = null;
        for (int threads = 1; threads <= 3; threads++) {
            TrainingFolder out = out(change + threads);
            try (Device device = cpu(threads)) {
                train(device, settings("max_steps=9", change), out, false);
                device.checkGuards();
            }
            if (first == null) {
                first = out.checkpoint();
            }
            assertSameTensors(out.checkpoint(), first);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dropout=true",
                "kmeans_start=true",
                "reset_probe_steps=12",
                "rec_weight=0.5",
                "objective=smooseg",
                "objective=adjacency"
            })
    void aTrainingInTwoPartsGivesTheBitsOfOne(String change) throws IOException {
        try (Device device = cpu(2)) {
            TrainingFolder whole = out("whole");
            train(device, settings(change), whole, false);
            TrainingFolder parts = out("parts");
            Told first = train(device, settings(change, "max_steps=10"), parts, false);
            Told second = train(device, settings(change), parts, true);
            assertThat(first.losses).hasSize(10);
            assertThat(second.losses).hasSize(10);
            assertSameTensors(parts.checkpoint(), whole.checkpoint());
            assertThat(parts.last()).hasSameBinaryContentAs(whole.last());
            assertThat(parts.consensus()).hasSameBinaryContentAs(whole.consensus());
            assertThat(steps(parts)).isEqualTo(steps(whole));
        }
    }

    @Test
    void patienceEndsATrainingWhoseConsensusStays() throws IOException {
        try (Device device = cpu(1)) {
            TrainingFolder out = out("patient");
            // Steps so small that clusters stay as they are: the latest of equal steps agrees best, until the probes
            // start anew.
            TrainSettings settings =
                    settings("max_steps=200", "lr=1e-9", "probe_lr=1e-9", "reset_probe_steps=14", "patience=2");
            Told told = train(device, settings, out, false);
            assertThat(told.validated).containsExactly(4, 8, 12, 16, 20);
            assertThat(told.losses).hasSize(20);
            assertThat(out.consensus()).exists();
            assertThat(out.last()).exists();
            assertThat(train(device, settings, out, true).losses).isEmpty();
        }
    }

    /** The steps of the lines with losses. */
    private static List<Integer> steps(TrainingFolder out) throws IOException {
        List<Integer> steps = new ArrayList<>();
        for (String line : Files.readAllLines(out.metrics())) {
            JsonNode node = new ObjectMapper().readTree(line);
            if (node.has("losses")) {
                steps.add(node.get("step").asInt());
            }
        }
        return steps;
    }

    @Test
    void aStopLeavesACheckpointBehindTheStepThatWasDone() throws IOException {
        try (Device device = cpu(1)) {
            TrainingFolder out = out("stopped");
            Told told = new Told();
            Trainer[] trainer = new Trainer[1];
            Hooks.Listener stopper = new Hooks.Listener() {
                @Override
                public void trained(int step, TrainingStep.Losses losses) {
                    if (step == 7) {
                        trainer[0].stop();
                    }
                }

                @Override
                public void surveyed(int step, ClusterSurvey clusters) {}

                @Override
                public void validated(int step, Hooks.Scores scores, boolean best) {}
            };
            try (TrainingFolder.Lock lock = out.lock()) {
                trainer[0] = new Trainer(
                        device,
                        settings(),
                        new SyntheticExamples(IMAGES),
                        SyntheticExamples.CLASSES,
                        lock,
                        hooks(stopper, null));
                assertThat(trainer[0].run()).isFalse();
                trainer[0].close();
            }
            assertThat(Trainer.checkpointed(out)).contains(7);
            TrainingFolder whole = out("whole");
            train(device, settings(), whole, false);
            train(device, settings(), out, true);
            assertSameTensors(out.checkpoint(), whole.checkpoint());
            assertThat(told.losses).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("org.stegokernels.testing.TestDevices#training")
    void lossesFall(Devices.Choice choice) throws IOException {
        try (Device device = TestDevices.open(choice)) {
            Told told = train(device, settings("max_steps=150", "lr=2e-3", "val_freq=0"), out("long"), false);
            double before = told.losses.subList(0, 10).stream()
                    .mapToDouble(TrainingStep.Losses::total)
                    .average()
                    .orElseThrow();
            double after = told.losses.subList(140, 150).stream()
                    .mapToDouble(TrainingStep.Losses::total)
                    .average()
                    .orElseThrow();
            assertThat(after).isLessThan(before - 0.5);
            assertThat(told.losses.get(149).linear())
                    .isLessThan(0.6 * told.losses.get(0).linear());
        }
    }

    @Test
    void theBestModelIsKeptAndKnownAfterAResume() throws IOException {
        double[] course = {0.2, 0.5, 0.3, 0.4, 0.45};
        TrainingFolder out = out("best");
        try (Device device = cpu(1)) {
            Told told = new Told();
            for (int until : new int[] {10, 20}) {
                try (TrainingFolder.Lock lock = out.lock();
                        Trainer trainer = new Trainer(
                                device,
                                settings("max_steps=" + until, "val_freq=5"),
                                new SyntheticExamples(IMAGES),
                                SyntheticExamples.CLASSES,
                                lock,
                                hooks(told, parts -> scores(course[told.validated.size()])))) {
                    if (until == 20) {
                        trainer.resume();
                    }
                    trainer.run();
                }
            }
            assertThat(told.validated).containsExactly(5, 10, 15, 20);
            assertThat(told.best).containsExactly(true, true, false, false);
            try (Safetensors best = Safetensors.open(out.best())) {
                assertThat(best.metadata()).containsEntry("map", "[0, 1, 2, 3]");
                assertThat(best.entry("cluster1.0.weight").shape().dims())
                        .containsExactly(6, SyntheticExamples.CHANNELS, 1, 1);
                assertThat(best.names()).contains("linear_probe.bias", "cluster_probe.clusters");
            }
        }
    }

    @Test
    void metricsTellLossesSimilaritiesAndValidations() throws IOException {
        try (Device device = cpu(1)) {
            TrainingFolder out = out("metrics");
            train(device, settings(), out, false);
            List<JsonNode> lines = new ArrayList<>();
            for (String line : Files.readAllLines(out.metrics())) {
                lines.add(new ObjectMapper().readTree(line));
            }
            assertThat(lines.stream().filter(line -> line.has("losses"))).hasSize(20);
            assertThat(lines.stream()
                            .filter(line -> line.has("evaluation"))
                            .map(line -> line.at("/evaluation/cluster/mIoU").asDouble()))
                    .containsOnly(0.1)
                    .hasSize(5);
            List<JsonNode> similarities = lines.stream()
                    .filter(line -> line.has("similarity"))
                    .map(line -> line.get("similarity"))
                    .toList();
            assertThat(similarities).hasSize(2);
            for (String term : List.of("intra", "inter", "negative")) {
                JsonNode counts = similarities.get(1).at("/" + term + "/fd/counts");
                long total = 0;
                for (JsonNode count : counts) {
                    total += count.asLong();
                }
                // Four images, each with 9 x 9 pairs of points.
                assertThat(total).isEqualTo(4 * 81);
                assertThat(similarities.get(1).at("/" + term + "/cd/edges").size())
                        .isEqualTo(counts.size() + 1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theClustersAreSurveyedWithLabelsAndWithout(boolean labels) throws IOException {
        TrainingFolder out = out("surveyed");
        Told told = new Told();
        try (Device device = cpu(1);
                TrainingFolder.Lock lock = out.lock();
                Trainer trainer = new Trainer(
                        device,
                        settings("max_steps=10"),
                        new SyntheticExamples(IMAGES),
                        SyntheticExamples.CLASSES,
                        lock,
                        hooks(told, labels ? parts -> scores(0.1) : null))) {
            trainer.run();
        }
        assertThat(told.surveyed).hasSize(3);
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(out.metrics())) {
            JsonNode node = new ObjectMapper().readTree(line);
            if (node.has("clusters")) {
                lines.add(node);
            }
        }
        assertThat(lines.stream().map(line -> line.get("step").asInt())).containsExactly(4, 8, 10);
        ClusterSurvey last = told.surveyed.get(2);
        assertThat(lines.get(2).at("/clusters/total").asInt()).isEqualTo(SyntheticExamples.CLASSES);
        assertThat(lines.get(2).at("/clusters/in_use").asInt()).isEqualTo(last.inUse());
        assertThat(lines.get(2).at("/clusters/largest").asDouble()).isEqualTo(last.largestShare());
    }

    @Test
    void startValuesAreThoseOfPyTorch() {
        try (Device device = cpu(1);
                TrainedParts parts = new TrainedParts(
                        device, settings("dim=64", "extra_clusters=36", "rec_weight=1"), 400, 4, Map.of(), null)) {
            for (Parameter parameter : parts.parameters()) {
                float[] values = parameter.host().values();
                double bound = 1 / Math.sqrt(parameter.name().matches("cluster[12].*") ? 400 : 64);
                double mean = mean(values, 1);
                double deviation = Math.sqrt(mean(values, 2) - mean * mean);
                if (parameter.name().equals("cluster_probe.clusters")) {
                    assertThat(values).hasSize(40 * 64);
                    assertThat(deviation).isCloseTo(1, within(0.05));
                    assertThat(mean).isCloseTo(0, within(0.1));
                } else {
                    for (float value : values) {
                        assertThat(Math.abs(value)).as(parameter.name()).isLessThanOrEqualTo((float) bound);
                    }
                    if (values.length > 1000) {
                        assertThat(deviation).isCloseTo(bound / Math.sqrt(3), within(0.05 * bound));
                    }
                }
            }
        }
    }

    static double mean(float[] values, int power) {
        double sum = 0;
        for (float value : values) {
            sum += Math.pow(value, power);
        }
        return sum / values.length;
    }
}
