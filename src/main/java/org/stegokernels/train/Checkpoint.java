package org.stegokernels.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;

/**
 * All that a training needs to go on to the same bits: parameters, both moments of each ({@code NAME.mean}, {@code
 * NAME.square}), steps of each optimiser, and the best model so far. Random numbers need no more than seed and step
 * ({@link StepRandom}), nor does the place in the epoch.
 *
 * @param step steps done
 * @param identity of the examples, {@link TrainingExamples#identity}
 * @param seconds that the steps took
 * @param bestMeanIou of the best model's clusters; negative if none was measured
 * @param bestStep when it was that good
 */
record Checkpoint(int step, TrainSettings settings, String identity, double seconds, double bestMeanIou, int bestStep) {
    static final double NONE = -1;

    private static final String FORMAT = "stego-kernels-checkpoint";
    private static final String VERSION = "1";
    private static final String REMEDY = "Use another checkpoint, or start anew in another folder.";

    /**
     * Writes a file that appears whole or not at all.
     *
     * @throws TrainingException if a parameter is not finite; the file is then left as it was
     * @throws IOException if it can't be written; the message says why and what to do
     */
    void write(Path file, TrainedParts parts) throws IOException {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        Device device = parts.device();
        for (Parameter parameter : parts.parameters()) {
            tensors.put(parameter.name(), requireFinite(parameter));
            tensors.put(
                    parameter.name() + ".mean",
                    new HostTensor(parameter.mean().shape(), device.floats(parameter.mean())));
            tensors.put(
                    parameter.name() + ".square",
                    new HostTensor(parameter.square().shape(), device.floats(parameter.square())));
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", FORMAT);
        metadata.put("format_version", VERSION);
        metadata.put("step", Integer.toString(step));
        metadata.put("settings", SettingsSource.yaml(settings));
        metadata.put("examples", identity);
        metadata.put("seconds", Double.toString(seconds));
        metadata.put("best_mean_iou", Double.toString(bestMeanIou));
        metadata.put("best_step", Integer.toString(bestStep));
        metadata.put(
                "optimiser_steps",
                parts.step().optimisers().stream()
                        .map(optimiser -> Integer.toString(optimiser.steps()))
                        .collect(Collectors.joining(",")));
        SafetensorsWriter.write(file, tensors, metadata);
    }

    /** A gradient can be no number though all losses are: nothing good must be overwritten then. */
    private HostTensor requireFinite(Parameter parameter) {
        HostTensor values = parameter.host();
        for (float value : values.values()) {
            if (!Float.isFinite(value)) {
                throw new TrainingException("step " + step + ": " + parameter.name() + " has become " + value
                        + ". Go on from the last checkpoint with a smaller learning rate; if it happens at once, the"
                        + " features are not finite");
            }
        }
        return values;
    }

    /** Reads what a checkpoint says about itself. */
    static Checkpoint read(Path file) {
        try (Safetensors open = Safetensors.open(file)) {
            if (!FORMAT.equals(open.metadata().get("format"))) {
                throw wrong(open, "it is no checkpoint");
            }
            if (!VERSION.equals(open.metadata().get("format_version"))) {
                throw wrong(open, "its format version is not " + VERSION);
            }
            String yaml = entry(open, "settings");
            TrainSettings settings =
                    SettingsSource.defaults().text("its settings", yaml).settings();
            return new Checkpoint(
                    Integer.parseInt(entry(open, "step")),
                    settings,
                    entry(open, "examples"),
                    Double.parseDouble(entry(open, "seconds")),
                    Double.parseDouble(entry(open, "best_mean_iou")),
                    Integer.parseInt(entry(open, "best_step")));
        } catch (NumberFormatException | SettingsException e) {
            throw new ModelException(file.toString(), null, "in its metadata " + e.getMessage(), REMEDY, e);
        }
    }

    /** Puts parameters and optimisers to where they were. */
    static void restore(Path file, TrainedParts parts) {
        try (Safetensors open = Safetensors.open(file)) {
            List<Adam> optimisers = parts.step().optimisers();
            int[] steps = Stream.of(entry(open, "optimiser_steps").split(","))
                    .mapToInt(Integer::parseInt)
                    .toArray();
            if (steps.length != optimisers.size()) {
                throw wrong(open, "it has " + steps.length + " optimisers");
            }
            Device device = parts.device();
            for (Parameter parameter : parts.parameters()) {
                open.require(parameter.name(), parameter.value().shape());
                open.require(parameter.name() + ".mean", parameter.value().shape());
                open.require(parameter.name() + ".square", parameter.value().shape());
                device.write(open.floats(parameter.name()), parameter.value());
                device.write(open.floats(parameter.name() + ".mean"), parameter.mean());
                device.write(open.floats(parameter.name() + ".square"), parameter.square());
            }
            for (int i = 0; i < steps.length; i++) {
                optimisers.get(i).resume(steps[i]);
            }
        } catch (NumberFormatException e) {
            throw new ModelException(file.toString(), null, "in its metadata " + e.getMessage(), REMEDY, e);
        }
    }

    private static String entry(Safetensors file, String key) {
        String value = file.metadata().get(key);
        if (value == null) {
            throw wrong(file, "its metadata have no \"" + key + "\"");
        }
        return value;
    }

    private static ModelException wrong(Safetensors file, String reason) {
        return new ModelException(file.name(), null, reason, REMEDY);
    }
}
