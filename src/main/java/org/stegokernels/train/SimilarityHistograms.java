package org.stegokernels.train;

import java.util.EnumMap;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.device.Kernels.Activation;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.loss.CorrespondenceLoss;
import org.stegokernels.train.loss.CorrespondenceLoss.Term;

/**
 * Similarities of features and codes in each term of the correspondence loss, by which its shifts are tuned (Hamilton et
 * al. 2022, appendix). Features are centred as the loss does. Of the draws of negatives the first counts, of a batch the
 * first 16 images. One thread at a time.
 */
final class SimilarityHistograms implements CorrespondenceLoss.Observer, AutoCloseable {
    /** Parts of a histogram that a report shows. */
    static final int PARTS = 80;

    /** All pairs of points of all pairs of images are computed at once, though those of an image are all that count. */
    private static final int MAX_IMAGES = 16;

    private final Device device;
    private final boolean pointwise;
    private final GrowingBuffer productBuffer;
    private final Map<Term, Histogram> features = new EnumMap<>(Term.class);
    private final Map<Term, Histogram> codes = new EnumMap<>(Term.class);
    private boolean negativeSeen;

    /**
     * @param pointwise whether features are centred
     * @param parts of each histogram, from -1 to 1
     */
    SimilarityHistograms(Device device, boolean pointwise, int parts) {
        this.device = device;
        this.pointwise = pointwise;
        this.productBuffer = new GrowingBuffer(device);
        for (Term term : Term.values()) {
            features.put(term, new Histogram(-1, 1, parts));
            codes.put(term, new Histogram(-1, 1, parts));
        }
    }

    /** Returns the centred similarities of features. */
    Histogram features(Term term) {
        return features.get(term);
    }

    /** Returns the similarities of codes. */
    Histogram codes(Term term) {
        return codes.get(term);
    }

    /** Begins a step, whose similarities are added to those that are there. */
    void nextStep() {
        negativeSeen = false;
    }

    @Override
    public void compared(Term term, Tensor features1, Tensor features2, Tensor code1, Tensor code2) {
        if (term == Term.NEGATIVE) {
            if (negativeSeen) {
                return;
            }
            negativeSeen = true;
        }
        float[][] similarities = products(features1, features2);
        if (pointwise) {
            centre(similarities, features1.shape().dim(1));
        }
        add(similarities, features.get(term));
        add(products(code1, code2), codes.get(term));
    }

    /** Returns the products of all pairs of points, {@code [P, P]} for each image. */
    private float[][] products(Tensor a, Tensor b) {
        int images = Math.min(MAX_IMAGES, a.shape().dim(0));
        int points = a.shape().dim(1);
        int channels = a.shape().dim(2);
        int rows = images * points;
        Tensor products = productBuffer.view(rows, rows);
        device.training().linear(a.view(rows, channels), b.view(rows, channels), null, Activation.NONE, null, products);
        float[] all = device.floats(products);
        float[][] own = new float[images][points * points];
        for (int image = 0; image < images; image++) {
            for (int point = 0; point < points; point++) {
                int from = (image * points + point) * rows + image * points;
                System.arraycopy(all, from, own[image], point * points, points);
            }
        }
        return own;
    }

    /** Subtracts each point's mean and adds the mean of all. */
    private static void centre(float[][] similarities, int points) {
        double all = 0;
        for (float[] image : similarities) {
            for (int first = 0; first < image.length; first += points) {
                double sum = 0;
                for (int i = first; i < first + points; i++) {
                    sum += image[i];
                }
                all += sum;
                for (int i = first; i < first + points; i++) {
                    image[i] -= (float) (sum / points);
                }
            }
        }
        float mean = (float) (all / ((long) similarities.length * similarities[0].length));
        for (float[] image : similarities) {
            for (int i = 0; i < image.length; i++) {
                image[i] += mean;
            }
        }
    }

    private static void add(float[][] similarities, Histogram histogram) {
        for (float[] image : similarities) {
            for (float value : image) {
                histogram.add(value);
            }
        }
    }

    @Override
    public void close() {
        productBuffer.close();
    }
}
