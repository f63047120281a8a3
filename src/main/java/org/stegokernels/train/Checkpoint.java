package org.stegokernels.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Shape;
import org.stegokernels.text.Printable;
import org.stegokernels.train.TrainSettings.Source;
import org.stegokernels.train.loss.Objective;
import org.stegokernels.train.loss.Objective.Parameter;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.Safetensors;
import org.stegokernels.weights.SafetensorsWriter;

/**
 * State from which a training goes on to the same bits: parameters, both moments of each ({@code NAME.mean}, {@code
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
    private static final String IN_METADATA = "in its metadata ";
    private static final String OPTIMISER_STEPS = "optimiser_steps";
    private static final String MEAN = ".mean";
    private static final String SQUARE = ".square";
    /** Remedy for a bad checkpoint, from which nothing good can come. */
    static final String REMEDY = "Use another checkpoint, or start anew in another folder.";

    /**
     * Writes a file that appears whole or not at all.
     *
     * @throws TrainingException if a parameter or a moment is not finite; the file is then left as it was
     * @throws IOException if it can't be written; the message says why and what to do
     */
    void write(Path file, TrainedParts parts) throws IOException {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        Device device = parts.device();
        for (Parameter parameter : parts.parameters()) {
            String name = parameter.name();
            put(tensors, name, parameter.host());
            put(tensors, name + MEAN, new HostTensor(parameter.mean().shape(), device.floats(parameter.mean())));
            put(tensors, name + SQUARE, new HostTensor(parameter.square().shape(), device.floats(parameter.square())));
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", FORMAT);
        metadata.put("format_version", VERSION);
        metadata.put("step", Integer.toString(step));
        metadata.put("settings", Source.yaml(settings));
        metadata.put("examples", identity);
        metadata.put("seconds", Double.toString(seconds));
        metadata.put("best_mean_iou", Double.toString(bestMeanIou));
        metadata.put("best_step", Integer.toString(bestStep));
        metadata.put(
                OPTIMISER_STEPS,
                parts.step().optimisers().stream()
                        .map(optimiser -> Integer.toString(optimiser.steps()))
                        .collect(Collectors.joining(",")));
        SafetensorsWriter.write(file, tensors, metadata);
    }

    /** Refuses values that are no numbers, which a gradient can have though all losses are finite: the last file stays. */
    private void put(Map<String, HostTensor> tensors, String name, HostTensor values) {
        TrainedParts.requireFinite(step, name, values.values());
        tensors.put(name, values);
    }

    /**
     * Reads what a checkpoint says about itself.
     *
     * @throws ModelException if there is none, or no training writes one like it
     */
    static Checkpoint read(Path file) {
        try (Safetensors open = Safetensors.open(file)) {
            if (!FORMAT.equals(open.metadata().get("format"))) {
                throw wrong(open, "it is no checkpoint");
            }
            if (!VERSION.equals(open.metadata().get("format_version"))) {
                throw wrong(open, "its format version is not " + VERSION);
            }
            TrainSettings settings = settings(open);
            int step = integer(open, "step", 0, settings.schedule().steps());
            Checkpoint checkpoint = new Checkpoint(
                    step,
                    settings,
                    entry(open, "examples"),
                    number(open, "seconds", 0, Double.MAX_VALUE),
                    number(open, "best_mean_iou", NONE, 1),
                    integer(open, "best_step", 0, step));
            checkpoint.optimiserSteps(open);
            return checkpoint;
        }
    }

    private static TrainSettings settings(Safetensors open) {
        TrainSettings settings;
        try {
            settings = Source.defaults()
                    .text("\"settings\"", entry(open, "settings"))
                    .settings();
        } catch (TrainingException.BadSettings e) {
            throw new ModelException(open.name(), null, IN_METADATA + e.getMessage(), REMEDY, e);
        }
        // Before memory is taken for what they say: the tensors are at least in the file.
        Shape clusters = open.entry(Objective.CLUSTERS).shape();
        if (clusters.rank() != 2 || clusters.dim(1) != settings.model().code()) {
            throw new ModelException(
                    open.name(),
                    Objective.CLUSTERS,
                    "its shape is " + clusters + ", which does not fit the dim "
                            + settings.model().code() + " of its settings",
                    REMEDY);
        }
        return settings;
    }

    /** Returns the steps of head, linear probe and clusters, of which the latter two may have started anew. */
    private int[] optimiserSteps(Safetensors open) {
        int reset = settings.optimizer().resetProbesAfter();
        int ofProbes = reset > 0 && step >= reset ? step - reset : step;
        String wanted = step + "," + ofProbes + "," + ofProbes;
        String found = entry(open, OPTIMISER_STEPS);
        if (!found.equals(wanted)) {
            throw wrong(
                    open,
                    IN_METADATA + "\"" + OPTIMISER_STEPS + "\" is " + Printable.quoted(found) + ", which at step "
                            + step + " should be \"" + wanted + "\"");
        }
        return new int[] {step, ofProbes, ofProbes};
    }

    /**
     * Puts parameters and optimisers to where they were.
     *
     * @throws ModelException if a tensor is missing, of another shape, or has values that no training leaves
     */
    void restore(Path file, TrainedParts parts) {
        try (Safetensors open = Safetensors.open(file)) {
            int[] steps = optimiserSteps(open);
            Device device = parts.device();
            for (Parameter parameter : parts.parameters()) {
                String name = parameter.name();
                device.write(finite(open, name, parameter), parameter.value());
                device.write(finite(open, name + MEAN, parameter), parameter.mean());
                float[] squares = finite(open, name + SQUARE, parameter);
                requireNotNegative(open, name + SQUARE, squares);
                device.write(squares, parameter.square());
            }
            for (int i = 0; i < steps.length; i++) {
                parts.step().optimisers().get(i).resume(steps[i]);
            }
        }
    }

    private static float[] finite(Safetensors open, String name, Parameter parameter) {
        open.require(name, parameter.value().shape());
        return open.finiteFloats(name);
    }

    private static void requireNotNegative(Safetensors open, String name, float[] squares) {
        for (float square : squares) {
            if (square < 0) {
                throw new ModelException(
                        open.name(), name, "it has the value " + square + ", which no mean of squares is", REMEDY);
            }
        }
    }

    private static String entry(Safetensors file, String key) {
        String value = file.metadata().get(key);
        if (value == null) {
            throw wrong(file, "its metadata have no \"" + key + "\"");
        }
        return value;
    }

    private static int integer(Safetensors file, String key, int from, int to) {
        String value = entry(file, key);
        try {
            int number = Integer.parseInt(value);
            if (number >= from && number <= to) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Reported below.
        }
        throw outOfRange(file, key, value, "a whole number from " + from + " to " + to);
    }

    private static double number(Safetensors file, String key, double from, double to) {
        String value = entry(file, key);
        try {
            double number = Double.parseDouble(value);
            if (number >= from && number <= to) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Reported below.
        }
        throw outOfRange(file, key, value, "a number from " + from + " to " + to);
    }

    private static ModelException outOfRange(Safetensors file, String key, String value, String wanted) {
        return wrong(file, IN_METADATA + "\"" + key + "\" is " + Printable.quoted(value) + ", which is not " + wanted);
    }

    private static ModelException wrong(Safetensors file, String reason) {
        return new ModelException(file.name(), null, reason, REMEDY);
    }
}
