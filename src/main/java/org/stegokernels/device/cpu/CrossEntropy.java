package org.stegokernels.device.cpu;

import java.util.Arrays;
import org.stegokernels.tensor.Tensor;

/**
 * Cross-entropy of resized logits, line by line, with the classes of a line as planes, so that a vector is a run of
 * pixels. A task takes the lines of labels that lie between the same two lines of logits: it stretches these two once,
 * mixes them for each line, and gathers the gradients of both. What two tasks give to one line of logits is added after
 * them, in a fixed order.
 */
final class CrossEntropy {
    /** Pixels of one weight whose sums of exponentials are multiplied up before a logarithm is taken: 1000^64 is still a double. */
    private static final int RUN = 64;

    private final int vector;
    private final TrainingLanes lanes;
    private final RowLanes rows;
    private final Parallel parallel;
    private final Workspace workspace;

    CrossEntropy(Lanes lanes, Parallel parallel, Workspace workspace) {
        this.vector = lanes.width();
        this.lanes = lanes.training();
        this.rows = lanes.rows();
        this.parallel = parallel;
        this.workspace = workspace;
    }

    /** All that the tasks of one call share; {@code padded} is the width of the labels up to whole vectors. */
    private record Call(
            float[] logits,
            int[] labels,
            float[] classWeights,
            int height,
            int width,
            int classes,
            int outHeight,
            int outWidth,
            int padded,
            Resample.Axis vertical,
            Resample.Axis horizontal) {
        int planes() {
            return classes * padded;
        }

        int line() {
            return width * classes;
        }
    }

    /** @return the loss */
    double run(Tensor logits, Tensor labels, Tensor classWeights, float weight, Tensor gradLogits) {
        int batch = logits.shape().dim(0);
        int height = logits.shape().dim(1);
        int width = logits.shape().dim(2);
        int outHeight = labels.shape().dim(1);
        int outWidth = labels.shape().dim(2);
        Call call = new Call(
                CpuDevice.array(logits),
                CpuDevice.intArray(labels),
                weights(classWeights, logits.shape().dim(3)),
                height,
                width,
                logits.shape().dim(3),
                outHeight,
                outWidth,
                (outWidth + vector - 1) / vector * vector,
                Bilinear.axis(height, outHeight),
                Bilinear.axis(width, outWidth));
        double valid = count(call, batch);
        int[] firstLines = firstLines(call);
        float[] partials = workspace.shared(2 * batch * height * call.line());
        float[][] scratch = workspace.workers(5 * call.planes() + 3 * call.padded);
        double[] losses = new double[batch * height];
        parallel.forEach(batch * height, (index, worker) -> {
            int line = index % height;
            int firstLabel = index / height * outHeight + firstLines[line];
            int count = firstLines[line + 1] - firstLines[line];
            losses[index] = between(call, index, firstLines[line], count, firstLabel, scratch[worker], partials);
        });
        double loss = 0;
        for (double part : losses) {
            loss += part;
        }
        gather(call, batch, partials, valid == 0 ? 0 : (float) (weight / valid), CpuDevice.array(gradLogits));
        return valid == 0 ? 0 : loss / valid;
    }

    private static float[] weights(Tensor classWeights, int classes) {
        if (classWeights != null) {
            return CpuDevice.array(classWeights);
        }
        float[] ones = new float[classes];
        Arrays.fill(ones, 1);
        return ones;
    }

    private double count(Call call, int batch) {
        return RowBlocks.sum(parallel, batch * call.outHeight * call.outWidth, 1, (first, count, worker) -> {
            int valid = 0;
            for (int i = first; i < first + count; i++) {
                valid += call.labels[i] >= 0 && call.labels[i] < call.classes ? 1 : 0;
            }
            return valid;
        });
    }

    /**
     * Returns the first line of labels whose upper neighbour each line of logits is, and after them the number of all.
     */
    private static int[] firstLines(Call call) {
        int[] firstLines = new int[call.height + 1];
        Arrays.fill(firstLines, call.outHeight);
        for (int y = call.outHeight - 1; y >= 0; y--) {
            firstLines[call.vertical.sources()[2 * y]] = y;
        }
        for (int line = call.height - 1; line >= 0; line--) {
            firstLines[line] = Math.min(firstLines[line], firstLines[line + 1]);
        }
        return firstLines;
    }

    /** Handles all lines of labels between a line of logits and the next. Returns the sum of their losses. */
    private double between(
            Call call, int index, int firstLine, int lines, int firstLabel, float[] own, float[] partials) {
        int planes = call.planes();
        int upper = planes;
        int upperSum = 3 * planes;
        int lowerSum = 4 * planes;
        int next = index % call.height + 1 < call.height ? index + 1 : index;
        double loss = 0;
        Arrays.fill(own, upperSum, upperSum + 2 * planes, 0f);
        if (lines > 0) {
            stretch(call, index * call.line(), own, upper);
            stretch(call, next * call.line(), own, 2 * planes);
            int[] neighbours = {0, 1};
            float[] weights = new float[2];
            for (int i = 0; i < lines; i++) {
                weights[0] = call.vertical.weights()[2 * (firstLine + i)];
                weights[1] = call.vertical.weights()[2 * (firstLine + i) + 1];
                rows.mix2(own, upper, neighbours, weights, 0, 1, planes, own, 0);
                loss += line(call, (firstLabel + i) * call.outWidth, weights, own);
            }
        }
        squeeze(call, own, upperSum, partials, 2 * index * call.line());
        squeeze(call, own, lowerSum, partials, (2 * index + 1) * call.line());
        return loss;
    }

    /** Handles one line of labels, its logits at the start of the scratch: adds its gradient to both sums. */
    private double line(Call call, int firstLabel, float[] weights, float[] own) {
        int planes = call.planes();
        int stats = 5 * planes;
        int width = call.padded;
        int factors = stats + 2 * width;
        double loss = 0;
        for (int x = 0; x < call.outWidth; x++) {
            int label = call.labels[firstLabel + x];
            if (label >= 0 && label < call.classes) {
                loss -= call.classWeights[label] * (double) own[label * width + x];
            }
        }
        lanes.exponentiateColumns(own, call.classes, width, stats);
        double product = 1;
        int length = 0;
        float ofRun = 1;
        for (int x = 0; x < call.outWidth; x++) {
            int label = call.labels[firstLabel + x];
            if (label < 0 || label >= call.classes) {
                own[factors + x] = 0;
                continue;
            }
            float classWeight = call.classWeights[label];
            if (length == RUN || classWeight != ofRun) {
                loss += ofRun * Math.log(product);
                product = 1;
                length = 0;
                ofRun = classWeight;
            }
            loss += classWeight * (double) own[stats + x];
            product *= own[stats + width + x];
            length++;
            own[factors + x] *= classWeight;
        }
        loss += ofRun * Math.log(product);
        for (int neighbour = 0; neighbour < 2; neighbour++) {
            addGradient(call, firstLabel, weights[neighbour], own, factors, (3 + neighbour) * planes);
        }
        return loss;
    }

    /** Adds {@code weight classWeights[label] (p - [c = label])} to a sum. */
    private void addGradient(Call call, int firstLabel, float weight, float[] own, int factors, int sum) {
        int width = call.padded;
        lanes.addColumns(own, call.classes, width, factors, weight, sum);
        for (int x = 0; x < call.outWidth; x++) {
            int label = call.labels[firstLabel + x];
            if (label >= 0 && label < call.classes) {
                own[sum + label * width + x] -= weight * call.classWeights[label];
            }
        }
    }

    /** Puts a line of logits, {@code [w, N]}, at the width of the labels and as planes. */
    private static void stretch(Call call, int from, float[] own, int to) {
        int[] sources = call.horizontal.sources();
        float[] weights = call.horizontal.weights();
        Arrays.fill(own, to, to + call.planes(), 0f);
        for (int c = 0; c < call.classes; c++) {
            int target = to + c * call.padded;
            for (int x = 0; x < call.outWidth; x++) {
                float left = call.logits[from + sources[2 * x] * call.classes + c];
                float right = call.logits[from + sources[2 * x + 1] * call.classes + c];
                own[target + x] = left * weights[2 * x] + right * weights[2 * x + 1];
            }
        }
    }

    /** Computes the backward pass of {@link #stretch}. */
    private static void squeeze(Call call, float[] own, int from, float[] partials, int to) {
        int[] sources = call.horizontal.sources();
        float[] weights = call.horizontal.weights();
        Arrays.fill(partials, to, to + call.line(), 0f);
        for (int c = 0; c < call.classes; c++) {
            int source = from + c * call.padded;
            for (int x = 0; x < call.outWidth; x++) {
                float gradient = own[source + x];
                partials[to + sources[2 * x] * call.classes + c] += gradient * weights[2 * x];
                partials[to + sources[2 * x + 1] * call.classes + c] += gradient * weights[2 * x + 1];
            }
        }
    }

    private void gather(Call call, int batch, float[] partials, float scale, float[] gradLogits) {
        int length = call.line();
        parallel.forEach(batch * call.height, (index, worker) -> {
            int line = index % call.height;
            int target = index * length;
            Arrays.fill(gradLogits, target, target + length, 0f);
            lanes.addScaled(partials, 2 * index * length, length, scale, gradLogits, target);
            if (line > 0) {
                lanes.addScaled(partials, (2 * index - 1) * length, length, scale, gradLogits, target);
            }
            if (line == call.height - 1) {
                lanes.addScaled(partials, (2 * index + 1) * length, length, scale, gradLogits, target);
            }
        });
    }
}
