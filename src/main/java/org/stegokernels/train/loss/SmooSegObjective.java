package org.stegokernels.train.loss;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.device.TrainingKernels.CorrespondenceRule;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.train.loss.CorrespondenceLoss.Observer;

/**
 * SmooSeg's objective (Lan et al. 2023, section 3): patches of alike features should be assigned to one cluster, others to
 * different ones. The soft assignment is {@code a = softmax(cosines of code and teacher's clusters / temperature)}; the smoothness
 * energy of two patches p, q is {@code (w - shift) (1 - cos(a_p, a_q))}, w being the cosine of their features, centred for each p.
 * It is taken over all pairs of patches within an image, and across each image and another one. The student's clusters learn the
 * teacher's hard assignment by cross-entropy, and the teacher's follow them as a running mean.
 *
 * <p>The energy of {@link Losses} leaves out {@code w - shift}, which no parameter changes.
 */
final class SmooSegObjective implements Objective {
    /** Shorter codes and clusters are not stretched to length 1: PyTorch's bound. */
    private static final float NORM_EPSILON = 1e-12f;

    /** The same for what is correlated: the published bound. */
    private static final float CORRELATED_EPSILON = 1e-10f;

    private final Device device;
    private final Kernels basics;
    private final TrainingKernels kernels;
    private final Smoothness settings;
    private final Parameter student;
    private final Parameter teacher;
    private final GrowingBuffer unitCodeBuffer;
    private final GrowingBuffer cosineBuffer;
    private final GrowingBuffer logitBuffer;
    private final GrowingBuffer logitGradientBuffer;
    private final GrowingBuffer targetBuffer;
    private final GrowingBuffer codeGradientBuffer;
    private final GrowingBuffer maskBuffer;
    private final GrowingBuffer imageBuffer;
    private final GrowingBuffer coordBuffer;
    private final Side own;
    private final Side other;
    private final Tensor unitStudent;
    private final Tensor unitTeacher;
    private final Tensor mixed;
    private final Tensor loss;

    /** @param clusters {@code [M, D]}, of any length, from which student and teacher start */
    SmooSegObjective(Device device, HostTensor clusters, Smoothness settings) {
        int[] dims = clusters.shape().dims();
        HostTensor unit = HostTensor.of(unit(clusters.values(), dims[1]), dims);
        this.device = device;
        this.basics = device.kernels();
        this.kernels = device.training();
        this.settings = settings;
        this.student = new Parameter(device, "student.clusters", unit);
        this.teacher = new Parameter(device, CLUSTERS, unit);
        this.unitCodeBuffer = new GrowingBuffer(device);
        this.cosineBuffer = new GrowingBuffer(device);
        this.logitBuffer = new GrowingBuffer(device);
        this.logitGradientBuffer = new GrowingBuffer(device);
        this.targetBuffer = new GrowingBuffer(device, ElementType.I32);
        this.codeGradientBuffer = new GrowingBuffer(device);
        this.maskBuffer = new GrowingBuffer(device);
        this.imageBuffer = new GrowingBuffer(device, ElementType.I32);
        this.coordBuffer = new GrowingBuffer(device);
        this.own = new Side();
        this.other = new Side();
        this.unitStudent = device.allocate(dims);
        this.unitTeacher = device.allocate(dims);
        this.mixed = device.allocate(dims);
        this.loss = device.allocate(1);
    }

    /** Features and assignments of images, of length 1, and the gradient of these assignments. */
    private final class Side implements AutoCloseable {
        private final GrowingBuffer featureBuffer = new GrowingBuffer(device);
        private final GrowingBuffer assignmentBuffer = new GrowingBuffer(device);
        private final GrowingBuffer gradientBuffer = new GrowingBuffer(device);
        Tensor features;
        Tensor assignments;
        Tensor gradient;

        /** Makes room, and sets the gradient to 0. */
        void begin(int[] dims, int clusters) {
            features = featureBuffer.view(dims);
            assignments = assignmentBuffer.view(dims[0], dims[1], dims[2], clusters);
            gradient = gradientBuffer.view(dims[0], dims[1], dims[2], clusters);
            kernels.fill(gradient, 0);
        }

        @Override
        public void close() {
            featureBuffer.close();
            assignmentBuffer.close();
            gradientBuffer.close();
        }
    }

    @Override
    public List<Parameter> headParameters() {
        return List.of();
    }

    @Override
    public List<Parameter> clusterParameters() {
        return List.of(student);
    }

    @Override
    public Parameter clusters() {
        return teacher;
    }

    @Override
    public void start(float[] clusters) {
        float[] unit = unit(clusters, teacher.value().shape().dim(1));
        student.restart(unit);
        teacher.restart(unit);
    }

    private static float[] unit(float[] rows, int channels) {
        float[] unit = new float[rows.length];
        for (int row = 0; row < rows.length; row += channels) {
            double squares = 0;
            for (int c = 0; c < channels; c++) {
                squares += (double) rows[row + c] * rows[row + c];
            }
            double length = Math.max(Math.sqrt(squares), NORM_EPSILON);
            for (int c = 0; c < channels; c++) {
                unit[row + c] = (float) (rows[row + c] / length);
            }
        }
        return unit;
    }

    /** Takes all images alike: neighbours are further images. Nothing is shown to the observer. */
    @Override
    public Losses run(Inputs inputs, Tensor code, Tensor gradCode, Observer observer) {
        int[] dims = inputs.features().shape().dims();
        int rows = code.shape().rows();
        int channels = code.shape().dim(-1);
        int count = teacher.value().shape().dim(0);
        Tensor unitCode = unitCodeBuffer.view(rows, channels);
        Tensor cosines = cosineBuffer.view(rows, count);
        basics.normalize(code.view(rows, channels), NORM_EPSILON, unitCode);
        basics.normalize(teacher.value(), NORM_EPSILON, unitTeacher);
        kernels.linear(unitCode, unitTeacher, null, Activation.NONE, null, cosines);
        Tensor targets = targetBuffer.view(dims[0], dims[1], dims[2]);
        basics.argmax(cosines.view(dims[0], dims[1], dims[2], count), targets);
        double data = learn(unitCode, targets);

        Tensor probabilities = cosines;
        basics.softmax(cosines, (float) (1 / settings.temperature()), probabilities);
        own.begin(dims, count);
        basics.normalize(masked(inputs), CORRELATED_EPSILON, own.features);
        basics.normalize(probabilities, CORRELATED_EPSILON, own.assignments.view(rows, count));
        double within = compare(own, settings.within());
        double across = across(dims, others(inputs.pairs(), dims[0]));

        Tensor gradient = own.gradient.view(rows, count);
        kernels.normalizeGradient(probabilities, CORRELATED_EPSILON, gradient, gradient);
        kernels.softmaxGradient(probabilities, (float) (1 / settings.temperature()), gradient, gradient);
        Tensor codeGradient = codeGradientBuffer.view(rows, channels);
        kernels.linearGradient(null, unitTeacher, gradient, codeGradient, null, null);
        kernels.normalizeGradient(code.view(rows, channels), NORM_EPSILON, codeGradient, codeGradient);
        kernels.addScaled(codeGradient, 1, gradCode.view(rows, channels));
        Map<String, Double> terms = new LinkedHashMap<>();
        terms.put("within", within);
        terms.put("across", across);
        return new Losses(within + across, data, terms);
    }

    /** Leaves the gradient of the student's clusters; returns their loss. */
    private double learn(Tensor unitCode, Tensor targets) {
        int count = student.value().shape().dim(0);
        int[] dims = targets.shape().dims();
        Tensor logits = logitBuffer.view(dims[0], dims[1], dims[2], count);
        Tensor gradient = logitGradientBuffer.view(dims[0], dims[1], dims[2], count);
        Tensor logitRows = logits.view(unitCode.shape().dim(0), count);
        basics.normalize(student.value(), NORM_EPSILON, unitStudent);
        kernels.linear(unitCode, unitStudent, null, Activation.NONE, null, logitRows);
        kernels.crossEntropy(logits, targets, null, 1, gradient, loss);
        Tensor gradClusters = student.gradient();
        kernels.linearGradient(
                unitCode, unitStudent, gradient.view(logitRows.shape().dims()), null, gradClusters, null);
        kernels.normalizeGradient(student.value(), NORM_EPSILON, gradClusters, gradClusters);
        return device.floats(loss)[0];
    }

    private Tensor masked(Inputs inputs) {
        if (inputs.mask() == null) {
            return inputs.features();
        }
        Tensor features = inputs.features();
        Tensor factors =
                maskBuffer.view(features.shape().dim(0), features.shape().dim(-1));
        device.write(inputs.mask(), factors);
        kernels.scaleChannels(features, factors, own.features);
        return own.features;
    }

    /** Returns the image that each image is compared with: neighbours have those of the images that they belong to. */
    private static int[] others(CorrespondenceLoss.Pairs pairs, int images) {
        int[] drawn = pairs.negatives()[0];
        int[] others = new int[images];
        for (int image = 0; image < images; image++) {
            others[image] = image / drawn.length * drawn.length + drawn[image % drawn.length];
        }
        return others;
    }

    /** Compares each image with another one, and adds the gradient of both assignments. */
    private double across(int[] dims, int[] others) {
        Tensor images = imageBuffer.view(others.length);
        device.write(others, images);
        Tensor coords = coordBuffer.view(dims[0], dims[1], dims[2], 2);
        device.write(ExtraLosses.Inputs.everyPatch(dims[0], dims[1], dims[2]), coords);
        other.begin(dims, own.assignments.shape().dim(-1));
        kernels.gridSample(own.features, images, coords, other.features);
        kernels.gridSample(own.assignments, images, coords, other.assignments);
        double energy = compare(other, settings.across());
        kernels.gridSampleGradient(other.gradient, images, coords, own.gradient);
        return energy;
    }

    private double compare(Side side, double shift) {
        CorrespondenceRule rule = new CorrespondenceRule(settings.pointwise(), false, false, (float) shift);
        kernels.correspondence(
                points(own.features),
                points(side.features),
                points(own.assignments),
                points(side.assignments),
                rule,
                1,
                points(own.gradient),
                points(side.gradient),
                loss);
        return device.floats(loss)[0];
    }

    private static Tensor points(Tensor images) {
        int[] dims = images.shape().dims();
        return images.view(dims[0], dims[1] * dims[2], dims[3]);
    }

    @Override
    public void moved() {
        kernels.fill(mixed, 0);
        kernels.addScaled(teacher.value(), (float) settings.momentum(), mixed);
        kernels.addScaled(student.value(), (float) (1 - settings.momentum()), mixed);
        kernels.fill(teacher.value(), 0);
        kernels.addScaled(mixed, 1, teacher.value());
    }

    @Override
    public void close() {
        student.close();
        teacher.close();
        List.of(
                        unitCodeBuffer,
                        cosineBuffer,
                        logitBuffer,
                        logitGradientBuffer,
                        targetBuffer,
                        codeGradientBuffer,
                        maskBuffer,
                        imageBuffer,
                        coordBuffer)
                .forEach(GrowingBuffer::close);
        own.close();
        other.close();
        unitStudent.close();
        unitTeacher.close();
        mixed.close();
        loss.close();
    }
}
