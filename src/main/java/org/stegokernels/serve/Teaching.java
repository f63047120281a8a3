package org.stegokernels.serve;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.stegokernels.device.Device;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.Kernels.LinearWeights;
import org.stegokernels.device.TrainingKernels.AdamSettings;
import org.stegokernels.stego.Segmenter.Options.Probe;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;

/**
 * Fits a linear probe to strokes of "this is X" and "this is not X". What is there is kept: the probe begins as the present
 * candidates, with an output more for what is new, and on a sample of all patches it is held to what it begins with.
 * Everything is deterministic.
 */
final class Teaching {
    private static final int STEPS = 120;
    private static final double RATE = 0.05;
    /** Patches of the sample. */
    private static final int SAMPLE = 6000;
    /**
     * The logits of a code for its own cluster while the probe is fitted: so sharp, what is to be kept are decisions, while
     * probabilities as soft as those of clusters would be kept by many that decide otherwise.
     */
    private static final float SHARPNESS = 12;

    /** Of all strokes of one class together; the whole sample has 1. */
    private static final float STROKE_WEIGHT = 0.2f;
    /** Pulls the probe to where it began. */
    private static final float RIDGE = 1e-3f;

    private static final double LEAST = 1e-30;

    private final Device device;
    private final int channels;

    /**
     * What a person has said about some patches.
     *
     * @param classId of which class
     * @param is false for "this is not"
     * @param codes {@code [n, C]}; not to be changed
     */
    record Stroke(int classId, boolean is, float[] codes) {
        /** Returns it of another class. */
        Stroke of(int id) {
            return new Stroke(id, is, codes);
        }
    }

    /**
     * A linear probe.
     *
     * @param weights {@code [K, C]}
     * @param bias {@code [K]}
     */
    record Linear(float[] weights, float[] bias) {
        int outputs() {
            return bias.length;
        }

        /** Returns it with all logits multiplied. */
        Linear times(float factor) {
            float[] w = weights.clone();
            float[] b = bias.clone();
            for (int i = 0; i < w.length; i++) {
                w[i] *= factor;
            }
            for (int i = 0; i < b.length; i++) {
                b[i] *= factor;
            }
            return new Linear(w, b);
        }

        Candidates candidates(int generation, Candidates.Source source, float alpha) {
            return new Candidates(
                    generation,
                    source,
                    Probe.LINEAR,
                    HostTensor.of(weights, outputs(), weights.length / outputs()),
                    HostTensor.of(bias, outputs()),
                    alpha);
        }
    }

    /**
     * What a probe is fitted to. A row has probabilities, or it is known to be one of several outputs.
     *
     * @param codes {@code [n, C]}
     * @param targets {@code [m, K]}: probabilities for the first m rows
     * @param among for each of the other rows whether it may be output k, {@code [n - m][K]}
     * @param weights {@code [n]}
     */
    record Goal(float[] codes, float[] targets, boolean[][] among, float[] weights) {}

    /** @param channels length of a code, C */
    Teaching(Device device, int channels) {
        this.device = device;
        this.channels = channels;
    }

    /**
     * Returns the linear probe that decides like some candidates.
     *
     * @param length that a code has on the average
     */
    static Linear linear(Candidates candidates, float length) {
        return candidates.bias() == null
                ? new Linear(
                        Candidates.unit(
                                candidates.weights().values(), candidates.channels(), candidates.alpha() / length),
                        new float[candidates.count()])
                : new Linear(
                        candidates.weights().values().clone(),
                        candidates.bias().values().clone());
    }

    /** Returns the root of the mean square of the lengths of codes. */
    static float meanLength(float[] codes, int channels) {
        double squares = 0;
        for (float value : codes) {
            squares += (double) value * value;
        }
        return (float) Math.max(Math.sqrt(squares / Math.max(1, codes.length / channels)), LEAST);
    }

    /**
     * A probe that was taught.
     *
     * @param classOf the class of each output
     */
    record Taught(Linear probe, int[] classOf) {}

    /**
     * Fits candidates to strokes. Patches that are decided otherwise than is said of them get outputs of their own.
     *
     * @param before the candidates as they are
     * @param classOf the class of each
     * @param sample {@code [n, C]}: codes of all photographs
     * @param strokes that the probe is to agree with
     */
    Taught teach(Candidates before, int[] classOf, float[] sample, List<Stroke> strokes) {
        float[] codes = thinned(sample, SAMPLE);
        float length = meanLength(codes, channels);
        Taught grown = grown(linear(before, length), classOf, strokes);
        float sharper = (float)
                Math.max(1, SHARPNESS / (length * meanLength(grown.probe().weights(), channels)));
        Linear start = grown.probe().times(sharper);
        int outputs = start.outputs();
        int count = codes.length / channels;
        float[] targets = logits(codes, start);
        softmax(targets, outputs);
        float[] weights = new float[count + rows(strokes)];
        Arrays.fill(weights, 0, count, 1f / count);
        float[] all = Arrays.copyOf(codes, weights.length * channels);
        boolean[][] among = new boolean[weights.length - count][];
        int row = count;
        for (Stroke stroke : strokes) {
            int n = stroke.codes().length / channels;
            boolean[] possible = new boolean[outputs];
            for (int k = 0; k < outputs; k++) {
                possible[k] = stroke.is() == (grown.classOf()[k] == stroke.classId());
            }
            System.arraycopy(stroke.codes(), 0, all, row * channels, n * channels);
            Arrays.fill(among, row - count, row - count + n, possible);
            Arrays.fill(weights, row, row + n, STROKE_WEIGHT / rows(alike(strokes, stroke)));
            row += n;
        }
        Linear fitted = fit(new Goal(all, targets, among, weights), start, length);
        return new Taught(fitted.times(1 / sharper), grown.classOf());
    }

    /**
     * Adds outputs for patches of strokes that are decided otherwise than the strokes say, in their mean direction and as
     * long as the others are: one of the class that they are said to be of, or of the class that comes next where they are
     * said not to be of their own.
     */
    private Taught grown(Linear old, int[] classOf, List<Stroke> strokes) {
        Map<List<Object>, Misfits> misfits = new LinkedHashMap<>();
        for (Stroke stroke : strokes) {
            float[] logits = logits(stroke.codes(), old);
            float[] units = Candidates.unit(stroke.codes(), channels, 1);
            for (int i = 0; i < units.length / channels; i++) {
                int[] order = best(logits, i * old.outputs(), classOf, stroke.classId());
                boolean ofClass = order[0] == stroke.classId();
                if (stroke.is() != ofClass) {
                    misfits.computeIfAbsent(List.of(stroke.classId(), stroke.is()), key -> new Misfits(channels))
                            .add(units, i * channels, stroke.is() ? stroke.classId() : order[1]);
                }
            }
        }
        int outputs = old.outputs() + misfits.size();
        float[] weights = Arrays.copyOf(old.weights(), outputs * channels);
        int[] classes = Arrays.copyOf(classOf, outputs);
        float length = meanLength(old.weights(), channels);
        int k = old.outputs();
        for (Misfits each : misfits.values()) {
            System.arraycopy(Candidates.unit(each.sum, channels, length), 0, weights, k * channels, channels);
            classes[k++] = each.next();
        }
        return new Taught(new Linear(weights, Arrays.copyOf(old.bias(), outputs)), classes);
    }

    /** Patches that are decided otherwise than strokes of one kind say. */
    private static final class Misfits {
        private final float[] sum;
        /** The number of patches that go to each class. */
        private final Map<Integer, Integer> votes = new TreeMap<>();

        Misfits(int channels) {
            sum = new float[channels];
        }

        void add(float[] units, int from, int classId) {
            for (int c = 0; c < sum.length; c++) {
                sum[c] += units[from + c];
            }
            votes.merge(classId, 1, Integer::sum);
        }

        /** Returns the class of most of them. */
        int next() {
            int most = votes.keySet().iterator().next();
            for (Map.Entry<Integer, Integer> each : votes.entrySet()) {
                most = each.getValue() > votes.get(most) ? each.getKey() : most;
            }
            return most;
        }
    }

    /** Returns the class of the most likely output, and that of the most likely one which is not of some class. */
    private static int[] best(float[] logits, int first, int[] classOf, int except) {
        int best = 0;
        int other = -1;
        for (int k = 0; k < classOf.length; k++) {
            best = logits[first + k] > logits[first + best] ? k : best;
            if (classOf[k] != except && (other < 0 || logits[first + k] > logits[first + other])) {
                other = k;
            }
        }
        return new int[] {classOf[best], other < 0 ? except : classOf[other]};
    }

    /**
     * Splits the outputs of one class into others, last in the order, and leaves all else.
     *
     * @param before outputs of a linear probe
     * @param split for each whether it is of the class
     * @param sample {@code [n, C]}: codes of all photographs
     * @param centres {@code [K', C]}, of length 1: in the midst of the parts
     */
    Linear split(Candidates before, boolean[] split, float[] sample, float[] centres) {
        float[] codes = thinned(sample, SAMPLE);
        float length = meanLength(codes, channels);
        Linear old = linear(before, length);
        int parts = centres.length / channels;
        int kept = 0;
        float[] weights = new float[(old.outputs() + parts) * channels];
        float[] bias = new float[old.outputs() + parts];
        float[] mean = new float[channels];
        double offset = 0;
        for (int k = 0; k < old.outputs(); k++) {
            if (split[k]) {
                offset += old.bias()[k];
                for (int c = 0; c < channels; c++) {
                    mean[c] += old.weights()[k * channels + c];
                }
            } else {
                System.arraycopy(old.weights(), k * channels, weights, kept * channels, channels);
                bias[kept++] = old.bias()[k];
            }
        }
        int outputs = kept + parts;
        float scale = meanLength(old.weights(), channels);
        for (int j = 0; j < parts; j++) {
            bias[kept + j] = (float) (offset / (old.outputs() - kept));
            for (int c = 0; c < channels; c++) {
                weights[(kept + j) * channels + c] =
                        mean[c] / (old.outputs() - kept) + scale * centres[j * channels + c];
            }
        }
        Linear start = new Linear(Arrays.copyOf(weights, outputs * channels), Arrays.copyOf(bias, outputs));
        float[] targets = splitTargets(codes, old, split, start, kept, centres);
        float[] rows = new float[codes.length / channels];
        Arrays.fill(rows, 1f / rows.length);
        return fit(new Goal(codes, targets, new boolean[0][], rows), start, length);
    }

    /** Gives the probability of the class to the nearest part in patches that are of the class; in others, to all as they begin. */
    private float[] splitTargets(float[] codes, Linear old, boolean[] split, Linear start, int kept, float[] centres) {
        float[] before = logits(codes, old);
        int[] own = best(before, old.outputs());
        softmax(before, old.outputs());
        int outputs = start.outputs();
        float[] targets = logits(codes, start);
        softmax(targets, outputs);
        int parts = outputs - kept;
        int[] nearest = best(logits(codes, new Linear(centres, new float[parts])), parts);
        for (int i = 0; i < own.length; i++) {
            float mass = 0;
            int at = i * outputs;
            for (int k = 0; k < old.outputs(); k++) {
                float p = before[i * old.outputs() + k];
                if (split[k]) {
                    mass += p;
                } else {
                    targets[at++] = p;
                }
            }
            float sum = Float.MIN_NORMAL;
            for (int k = at; k < at + parts; k++) {
                sum += targets[k];
            }
            for (int j = 0; j < parts; j++) {
                boolean nearer = nearest[i] == j;
                targets[at + j] = split[own[i]] ? nearer ? mass : 0 : mass * targets[at + j] / sum;
            }
        }
        return targets;
    }

    private static List<Stroke> alike(List<Stroke> strokes, Stroke stroke) {
        return strokes.stream()
                .filter(each -> each.classId() == stroke.classId() && each.is() == stroke.is())
                .toList();
    }

    private int rows(List<Stroke> strokes) {
        return strokes.stream().mapToInt(stroke -> stroke.codes().length).sum() / channels;
    }

    /** Returns at most so many rows, evenly out of all. */
    private float[] thinned(float[] codes, int most) {
        int count = codes.length / channels;
        if (count <= most) {
            return codes;
        }
        float[] thinned = new float[most * channels];
        for (int i = 0; i < most; i++) {
            System.arraycopy(codes, (int) ((long) count * i / most) * channels, thinned, i * channels, channels);
        }
        return thinned;
    }

    /** Computes {@code codes W^T + b}. */
    private float[] logits(float[] codes, Linear probe) {
        int count = codes.length / channels;
        try (Tensor in = device.upload(codes, count, channels);
                Tensor matrix = device.upload(probe.weights(), probe.outputs(), channels);
                Tensor bias = device.upload(probe.bias(), probe.outputs());
                LinearWeights packed = device.kernels().packLinear(matrix, bias);
                Tensor out = device.allocate(count, probe.outputs())) {
            device.kernels().linear(in, packed, Activation.NONE, null, out);
            return device.floats(out);
        }
    }

    private static int[] best(float[] rows, int outputs) {
        int[] best = new int[rows.length / outputs];
        for (int i = 0; i < best.length; i++) {
            for (int k = 1; k < outputs; k++) {
                best[i] = rows[i * outputs + k] > rows[i * outputs + best[i]] ? k : best[i];
            }
        }
        return best;
    }

    private static void softmax(float[] rows, int outputs) {
        for (int first = 0; first < rows.length; first += outputs) {
            float highest = Float.NEGATIVE_INFINITY;
            for (int k = first; k < first + outputs; k++) {
                highest = Math.max(highest, rows[k]);
            }
            double sum = 0;
            for (int k = first; k < first + outputs; k++) {
                rows[k] = (float) Math.exp(rows[k] - highest);
                sum += rows[k];
            }
            for (int k = first; k < first + outputs; k++) {
                rows[k] /= (float) sum;
            }
        }
    }

    /**
     * Fits a probe by Adam (Kingma and Ba 2015) over all rows at each step.
     *
     * @param start where it begins, and is held a little
     * @param length of codes, on the average: the steps are those for codes of length 1
     */
    Linear fit(Goal goal, Linear start, float length) {
        int count = goal.weights().length;
        int outputs = start.outputs();
        float[] scaled = new float[goal.codes().length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = goal.codes()[i] / length;
        }
        float[] begin = new float[start.weights().length];
        for (int i = 0; i < begin.length; i++) {
            begin[i] = start.weights()[i] * length;
        }
        float[] probabilities = new float[count * outputs];
        try (Tensor x = device.upload(scaled, count, channels);
                Tensor logits = device.allocate(count, outputs);
                Parameter weights = new Parameter(begin, outputs, channels);
                Parameter bias = new Parameter(start.bias(), outputs)) {
            for (int step = 1; step <= STEPS; step++) {
                device.training().linear(x, weights.value, bias.value, Activation.NONE, null, logits);
                device.kernels().softmax(logits, 1, logits);
                device.read(logits, probabilities);
                gradient(goal, outputs, probabilities);
                device.write(probabilities, logits);
                device.training().linearGradient(x, weights.value, logits, null, weights.gradient, bias.gradient);
                weights.step(step);
                bias.step(step);
            }
            float[] fitted = device.floats(weights.value);
            for (int i = 0; i < fitted.length; i++) {
                fitted[i] /= length;
            }
            return new Linear(fitted, device.floats(bias.value));
        }
    }

    /** Something that is fitted, with the state of its optimizer. */
    private final class Parameter implements AutoCloseable {
        private final Tensor value;
        private final Tensor begin;
        private final Tensor gradient;
        private final Tensor mean;
        private final Tensor square;

        Parameter(float[] values, int... dims) {
            value = device.upload(values, dims);
            begin = device.upload(values, dims);
            gradient = device.allocate(dims);
            mean = device.allocate(dims);
            square = device.allocate(dims);
        }

        void step(int number) {
            device.training().addScaled(value, RIDGE, gradient);
            device.training().addScaled(begin, -RIDGE, gradient);
            device.training().adam(value, gradient, mean, square, AdamSettings.of(RATE), number);
        }

        @Override
        public void close() {
            value.close();
            begin.close();
            gradient.close();
            mean.close();
            square.close();
        }
    }

    /**
     * Returns the loss: the sum over rows of the weight times the cross-entropy {@code -sum_k t[k] log p[k]}, or where only
     * a set of outputs is known, {@code -log sum p[k]} over the set.
     *
     * @param probabilities {@code [n, K]}
     */
    static double loss(Goal goal, int outputs, float[] probabilities) {
        int known = goal.targets().length / outputs;
        double loss = 0;
        for (int i = 0; i < goal.weights().length; i++) {
            double sum = 0;
            if (i < known) {
                for (int k = 0; k < outputs; k++) {
                    float p = probabilities[i * outputs + k];
                    sum += goal.targets()[i * outputs + k] * Math.log(Math.max(p, LEAST));
                }
            } else {
                sum = Math.log(Math.max(inside(goal.among()[i - known], probabilities, i * outputs), LEAST));
            }
            loss -= goal.weights()[i] * sum;
        }
        return loss;
    }

    private static double inside(boolean[] among, float[] probabilities, int first) {
        double sum = 0;
        for (int k = 0; k < among.length; k++) {
            sum += among[k] ? probabilities[first + k] : 0;
        }
        return sum;
    }

    /**
     * Replaces probabilities by the gradient of the {@link #loss} for their logits: {@code w (p - t)}, where of a set of
     * outputs t is p within the set, divided by its sum.
     */
    static void gradient(Goal goal, int outputs, float[] probabilities) {
        int known = goal.targets().length / outputs;
        for (int i = 0; i < goal.weights().length; i++) {
            int first = i * outputs;
            float weight = goal.weights()[i];
            if (i < known) {
                for (int k = first; k < first + outputs; k++) {
                    probabilities[k] = weight * (probabilities[k] - goal.targets()[k]);
                }
            } else {
                boolean[] among = goal.among()[i - known];
                double sum = Math.max(inside(among, probabilities, first), LEAST);
                for (int k = 0; k < outputs; k++) {
                    float p = probabilities[first + k];
                    probabilities[first + k] = (float) (weight * (p - (among[k] ? p / sum : 0)));
                }
            }
        }
    }
}
