package org.stegokernels.train;

import org.stegokernels.data.Dataset;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;

/** Examples whose features are all there. */
final class CachedExamples extends TrainingExamples {
    private final FeatureCache cache;
    private final Dataset dataset;

    /** @param cache of the dataset; closed with this object */
    CachedExamples(FeatureCache cache, Dataset dataset) {
        this.cache = cache;
        this.dataset = dataset;
    }

    static String identity(Dataset dataset, String key) {
        return dataset.name() + " " + key;
    }

    @Override
    public int size() {
        return cache.size();
    }

    @Override
    public int rows() {
        return cache.height();
    }

    @Override
    public int columns() {
        return cache.width();
    }

    @Override
    public int channels() {
        return cache.channels();
    }

    @Override
    public int labelSize() {
        return cache.resolution();
    }

    @Override
    public boolean hasLabels() {
        return cache.hasLabels();
    }

    @Override
    public float[] embeddings() {
        return cache.embeddings();
    }

    @Override
    public String identity() {
        return identity(dataset, cache.key());
    }

    @Override
    RgbImage square(int index) {
        return Resize.centerSquare(dataset.image(index), labelSize());
    }

    @Override
    void prepare(HostBatch batch) {
        int[] images = batch.draw.images();
        int values = rows() * columns() * channels();
        byte[] labels = new byte[labelSize() * labelSize()];
        for (int place = 0; place < images.length; place++) {
            cache.features(images[place], batch.features, place * values);
            if (place < batch.labelImages()) {
                putLabels(batch, place, hasLabels() ? read(images[place], labels) : null);
            }
            if (batch.guidance != null && place < batch.batch()) {
                putGuidance(batch, place, square(images[place]));
            }
        }
    }

    private LabelMap read(int image, byte[] labels) {
        cache.labels(image, labels, 0);
        return new LabelMap(labelSize(), labelSize(), labels);
    }

    @Override
    void complete(HostBatch batch) {}

    @Override
    public void close() {
        cache.close();
    }
}
