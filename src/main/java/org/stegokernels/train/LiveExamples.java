package org.stegokernels.train;

import java.util.function.IntUnaryOperator;
import java.util.random.RandomGenerator;
import org.stegokernels.data.Dataset;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.GrowingBuffer;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.image.RgbImage.ImageTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.loss.ExtraLosses;
import org.stegokernels.vit.FiniteCheck.NotFiniteException;

/** Examples made anew in each step, as {@link TrainingExamples#live} says. */
final class LiveExamples extends TrainingExamples {
    /** Images that the backbone gets at once. */
    private static final int CHUNK = 8;

    private final Dataset dataset;
    private final FeatureSource source;
    private final boolean randomCrops;
    private final FeatureCache.Progress progress;
    private final GrowingBuffer inputBuffer;
    private final float[] pixels;
    /** Null until they are asked for: it takes the backbone once over all images. */
    private float[] embeddings;

    LiveExamples(Dataset dataset, FeatureSource source, boolean randomCrops, FeatureCache.Progress progress) {
        this.dataset = dataset;
        this.source = source;
        this.randomCrops = randomCrops;
        this.progress = progress;
        this.inputBuffer = new GrowingBuffer(source.device());
        this.pixels = new float[Math.multiplyExact(CHUNK, 3 * source.size() * source.size())];
    }

    @Override
    public int size() {
        return dataset.size();
    }

    @Override
    public int rows() {
        return source.grid();
    }

    @Override
    public int columns() {
        return source.grid();
    }

    @Override
    public int channels() {
        return source.channels();
    }

    @Override
    public int labelSize() {
        return source.size();
    }

    @Override
    public boolean hasLabels() {
        return dataset.hasLabels();
    }

    @Override
    public String identity() {
        return identity(dataset, source);
    }

    static String identity(Dataset dataset, FeatureSource source) {
        return dataset.name() + " " + dataset.contentKey() + " " + source.backboneKey() + " " + source.kind() + " "
                + source.size();
    }

    @Override
    public float[] embeddings() {
        if (embeddings == null) {
            embeddings = computeEmbeddings();
        }
        return embeddings.clone();
    }

    private float[] computeEmbeddings() {
        int channels = channels();
        int values = rows() * columns() * channels;
        float[] means = new float[size() * channels];
        float[] features = new float[CHUNK * values];
        for (int first = 0; first < size(); first += CHUNK) {
            int count = Math.min(CHUNK, size() - first);
            RgbImage[] images = new RgbImage[count];
            for (int i = 0; i < count; i++) {
                images[i] = square(first + i);
            }
            int offset = first;
            compute(images, 0, count, features, 0, at -> offset + at);
            for (int i = 0; i < count; i++) {
                float[] mean = FeatureSource.mean(features, i * values, values, channels);
                System.arraycopy(mean, 0, means, (first + i) * channels, channels);
            }
            progress.advance(first + count, size());
        }
        return means;
    }

    @Override
    RgbImage square(int index) {
        return Resize.centerSquare(dataset.image(index), source.size());
    }

    @Override
    void prepare(HostBatch batch) {
        int[] images = batch.draw.images();
        batch.pixels = new RgbImage[batch.featureImages()];
        for (int place = 0; place < images.length; place++) {
            RandomGenerator random = batch.draw.random(place);
            int cropDraw = random.nextInt(Integer.MAX_VALUE);
            RgbImage square = square(dataset.image(images[place]), cropDraw);
            batch.pixels[place] = square;
            if (place < batch.labelImages()) {
                putLabels(batch, place, hasLabels() ? square(dataset.labels(images[place]), cropDraw) : null);
            }
            if (place < batch.batch()) {
                if (batch.guidance != null) {
                    putGuidance(batch, place, square);
                }
                if (batch.wantsAugmented()) {
                    Augmentation augmented = Augmentation.of(square, random);
                    batch.pixels[images.length + place] = augmented.image();
                    putPlaces(batch, place, augmented);
                }
            }
        }
    }

    private RgbImage square(RgbImage image, int draw) {
        if (!randomCrops) {
            return Resize.centerSquare(image, source.size());
        }
        int size = source.size();
        Resize.Size resized = Resize.shorterSide(image.width(), image.height(), size);
        RgbImage whole = Resize.nearest(image, resized.width(), resized.height());
        return Resize.crop(whole, place(draw, resized.width()), place(draw, resized.height()), size, size);
    }

    private LabelMap square(LabelMap map, int draw) {
        if (!randomCrops) {
            return Resize.centerSquare(map, source.size());
        }
        int size = source.size();
        Resize.Size resized = Resize.shorterSide(map.width(), map.height(), size);
        LabelMap whole = Resize.nearest(map, resized.width(), resized.height());
        return Resize.crop(whole, place(draw, resized.width()), place(draw, resized.height()), size, size);
    }

    /** Draws a place. One of the two sides has no room to choose. */
    private int place(int draw, int length) {
        return draw % (length - source.size() + 1);
    }

    /** Puts the place in the image of the middle of each patch of the augmented one. */
    private void putPlaces(HostBatch batch, int place, Augmentation augmented) {
        int patch = source.size() / rows();
        int to = place * rows() * columns() * 2;
        for (int row = 0; row < rows(); row++) {
            double y = augmented.sourceY((row + 0.5) * patch - 0.5);
            for (int column = 0; column < columns(); column++) {
                double x = augmented.sourceX((column + 0.5) * patch - 0.5);
                batch.alignedCoords[to++] = ExtraLosses.Inputs.coordinate((x + 0.5) / patch - 0.5, columns());
                batch.alignedCoords[to++] = ExtraLosses.Inputs.coordinate((y + 0.5) / patch - 0.5, rows());
            }
        }
    }

    @Override
    void complete(HostBatch batch) {
        int values = rows() * columns() * channels();
        int[] images = batch.draw.images();
        for (int first = 0; first < batch.pixels.length; first += CHUNK) {
            int count = Math.min(CHUNK, batch.pixels.length - first);
            compute(batch.pixels, first, count, batch.features, first * values, place -> images[place % images.length]);
        }
        batch.pixels = null;
    }

    /** @param index which image of the dataset each is */
    private void compute(RgbImage[] images, int first, int count, float[] out, int offset, IntUnaryOperator index) {
        int size = source.size();
        for (int i = 0; i < count; i++) {
            ImageTensor.normalized(images[first + i], pixels, i * 3 * size * size);
        }
        Device device = source.device();
        try {
            synchronized (device.monitor()) {
                Tensor input = inputBuffer.view(count, 3, size, size);
                device.write(pixels, input);
                float[] features = source.features(input);
                System.arraycopy(features, 0, out, offset, features.length);
            }
        } catch (NotFiniteException e) {
            throw e.of(dataset.example(index.applyAsInt(first + e.image())).image());
        }
    }

    @Override
    public void close() {
        inputBuffer.close();
    }
}
