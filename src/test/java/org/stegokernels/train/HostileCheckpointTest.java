package org.stegokernels.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.stegokernels.train.TrainerTest.IMAGES;
import static org.stegokernels.train.TrainerTest.cpu;
import static org.stegokernels.train.TrainerTest.hooks;
import static org.stegokernels.train.TrainerTest.settings;
import static org.stegokernels.train.TrainerTest.train;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;

/** Checkpoints that no training wrote end in one error that names file and field or tensor, and never advises going on. */
class HostileCheckpointTest {
    @TempDir
    Path folder;

    private TrainingFolder out;
    private final Map<String, HostTensor> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    @BeforeEach
    void checkpoint() throws IOException {
        out = new TrainingFolder(folder.resolve("out"));
        try (Device device = cpu(1)) {
            train(device, settings("max_steps=5"), out, false);
        }
        try (Safetensors file = Safetensors.open(out.checkpoint())) {
            file.names().forEach(name -> tensors.put(name, file.tensor(name)));
            metadata.putAll(file.metadata());
        }
    }

    private void goesOn() throws IOException {
        SafetensorsWriter.write(out.checkpoint(), tensors, metadata);
        try (Device device = cpu(1);
                TrainingFolder.Lock lock = out.lock();
                Trainer trainer = new Trainer(
                        device,
                        settings(),
                        new SyntheticExamples(IMAGES),
                        SyntheticExamples.CLASSES,
                        lock,
                        hooks(new TrainerTest.Told(), null))) {
            trainer.resume();
            trainer.run();
        }
    }

    private void isRefused(String... parts) {
        assertThatThrownBy(this::goesOn)
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(out.checkpoint().toString())
                .hasMessageContainingAll(parts)
                .hasMessageNotContaining("Go on")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
    }

    @Test
    void whatATrainingWroteGoesOn() throws IOException {
        goesOn();
        assertThat(Trainer.checkpointed(out)).contains(20);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "step|-1",
                "step|-2147483648",
                "step|2147483647",
                "step|6",
                "step|99999999999999999999",
                "step|five",
                "seconds|NaN",
                "seconds|-1",
                "seconds|Infinity",
                "best_mean_iou|NaN",
                "best_mean_iou|1.5",
                "best_step|6",
                "best_step|-1",
                "optimiser_steps|5,5",
                "optimiser_steps|-1,-1,-1",
                "optimiser_steps|2147483647,5,5",
                "optimiser_steps|5,5,4",
                "optimiser_steps|5,5,x",
            })
    void aFieldThatNoTrainingLeavesIsNamed(String field, String value) {
        metadata.put(field, value);
        isRefused("in its metadata \"" + field + "\" is ", value);
    }

    @ParameterizedTest
    @CsvSource({
        "max_steps, -3",
        "res, 1048576",
        "val_res, 1048576",
        "feature_samples, 1048576",
        "neg_samples, 1048576",
        "crf_samples, 1048576",
        "dim, 1048576",
        "lr, -1",
        "seed, {}",
        "unheard_of, 1",
    })
    void aSettingThatCantBeIsNamed(String name, String value) {
        String settings = metadata.get("settings").replaceFirst("(?m)^" + name + ":.*", name + ": " + value);
        metadata.put("settings", settings.contains(name + ": " + value) ? settings : settings + name + ": " + value);
        isRefused(name);
    }

    @Test
    void settingsThatAreTooLongAreRefusedInNoTime() {
        metadata.merge("settings", "# " + "x".repeat(15_000_000), String::concat);
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> isRefused("settings", "too many"));
        metadata.put("settings", "x".repeat(500_000) + ": 1");
        isRefused("settings");
        metadata.put("settings", "a: " + "[".repeat(200_000));
        isRefused("settings");
        metadata.put("step", "1".repeat(5_000_000));
        isRefused("settings");
    }

    @ParameterizedTest
    @CsvSource({
        "cluster1.0.weight, NaN",
        "cluster2.0.bias.mean, Infinity",
        "linear_probe.weight.square, NaN",
        "cluster_probe.clusters.square, -1",
    })
    void aTensorThatNoTrainingLeavesIsNamed(String name, float value) {
        tensors.get(name).values()[0] = value;
        isRefused("tensor \"" + name + "\"", "it has the value " + value);
    }

    @Test
    void aTensorOfAnotherShapeIsNamed() {
        tensors.put("cluster_probe.clusters", HostTensor.of(new float[4000], 4, 1000));
        isRefused("cluster_probe.clusters", "dim 6");
    }

    /** Numbers, but so large that the first loss is none. */
    @Test
    void aCheckpointThatEndsAtOnceIsAtFault() {
        tensors.forEach((name, tensor) -> {
            if (name.endsWith(".weight")) {
                Arrays.fill(tensor.values(), Float.MAX_VALUE);
            }
        });
        isRefused("to go on from it ends at once: step 6: the loss ", "start anew in another folder");
    }
}
