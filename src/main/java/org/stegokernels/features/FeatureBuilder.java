package org.stegokernels.features;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.stegokernels.data.Dataset;
import org.stegokernels.data.Dataset.DatasetException;
import org.stegokernels.features.FeatureCache.FeatureSource;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.LabelMap;
import org.stegokernels.image.Resize;
import org.stegokernels.image.RgbImage;
import org.stegokernels.image.RgbImage.ImageTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.vit.FiniteCheck.NotFiniteException;
import org.stegokernels.weights.TypedTensor.DType;
import org.stegokernels.weights.TypedTensor.HalfFloat;

/** Computes features batch by batch, the next one being decoded meanwhile. An image that can't be read holds up none. */
final class FeatureBuilder {
    private static final int FAILURES_SHOWN = 5;

    private final Dataset dataset;
    private final FeatureSource source;
    private final FeatureStore.Builder store;
    private final DType dtype;
    private final List<RuntimeException> failures = new ArrayList<>();

    FeatureBuilder(Dataset dataset, FeatureSource source, DType dtype, FeatureStore.Builder store) {
        this.dataset = dataset;
        this.source = source;
        this.dtype = dtype;
        this.store = store;
    }

    /** Images ready for the backbone. */
    private record Batch(List<Integer> indices, float[] pixels, List<byte[]> labels, List<RuntimeException> failures) {}

    /**
     * Puts every image that the store has not.
     *
     * @throws DatasetException if images can't be read; all others have been put
     */
    void run(int batch, FeatureCache.Progress progress) throws IOException {
        int[] missing = IntStream.range(0, dataset.size())
                .filter(index -> !store.has(index))
                .toArray();
        int done = dataset.size() - missing.length;
        ExecutorService decoder = Executors.newSingleThreadExecutor(work -> {
            Thread thread = new Thread(work, "decoder");
            thread.setDaemon(true);
            return thread;
        });
        int count = Math.min(batch, Math.max(1, missing.length));
        int pixels = 3 * source.size() * source.size();
        float[][] buffers = new float[2][Math.multiplyExact(count, pixels)];
        try (Tensor input = source.device().allocate(count, 3, source.size(), source.size())) {
            Future<Batch> next = decoder.submit(() -> decode(missing, 0, buffers[0]));
            for (int first = 0; first < missing.length; first += count) {
                Batch current = await(next);
                int following = first + count;
                next = decoder.submit(() -> decode(missing, following, buffers[following / count % 2]));
                compute(current, input);
                failures.addAll(current.failures());
                done += current.indices().size();
                progress.advance(done, dataset.size());
            }
        } finally {
            decoder.shutdownNow();
        }
        if (!failures.isEmpty()) {
            throw failed();
        }
    }

    private Batch decode(int[] missing, int first, float[] pixels) {
        int size = source.size();
        Batch batch = new Batch(new ArrayList<>(), pixels, new ArrayList<>(), new ArrayList<>());
        int last = Math.min(missing.length, first + pixels.length / (3 * size * size));
        for (int i = first; i < last; i++) {
            try {
                RgbImage image = Resize.centerSquare(dataset.image(missing[i]), size);
                byte[] labels = null;
                if (dataset.hasLabels()) {
                    LabelMap map = Resize.centerSquare(dataset.labels(missing[i]), size);
                    labels = map.labels();
                }
                ImageTensor.normalized(image, pixels, batch.indices().size() * 3 * size * size);
                batch.indices().add(missing[i]);
                batch.labels().add(labels);
            } catch (ImageException | DatasetException e) {
                batch.failures().add(e);
            }
        }
        return batch;
    }

    private static Batch await(Future<Batch> batch) {
        try {
            return batch.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while reading images", e);
        }
    }

    private void compute(Batch batch, Tensor input) throws IOException {
        int images = batch.indices().size();
        if (images == 0) {
            return;
        }
        Tensor view = input.view(images, 3, source.size(), source.size());
        source.device().write(batch.pixels(), view);
        float[] features = features(batch, view);
        int values = features.length / images;
        for (int i = 0; i < images; i++) {
            int index = batch.indices().get(i);
            requireFits(features, i * values, values, index);
            float[] embedding = FeatureSource.mean(features, i * values, values, source.channels());
            store.put(index, features, i * values, embedding, batch.labels().get(i));
        }
    }

    private float[] features(Batch batch, Tensor input) {
        try {
            return source.features(input);
        } catch (NotFiniteException e) {
            throw e.of(dataset.example(batch.indices().get(e.image())).image());
        }
    }

    private void requireFits(float[] features, int offset, int count, int index) {
        float limit = dtype == DType.F16 ? HalfFloat.MAX_F16 : Float.MAX_VALUE;
        for (int i = offset; i < offset + count; i++) {
            if (!(Math.abs(features[i]) <= limit)) {
                Path file = dataset.example(index).image();
                throw new FeatureCache.StorageException(
                        file + ": a feature is " + features[i] + ", which " + dtype
                                + " does not hold; keep features as F32, or use another backbone",
                        null);
            }
        }
    }

    private DatasetException failed() {
        List<String> messages = failures.stream()
                .limit(FAILURES_SHOWN)
                .map(Throwable::getMessage)
                .toList();
        String more = failures.size() > FAILURES_SHOWN ? "\n  ..." : "";
        return new DatasetException(
                dataset.settings().root(),
                failures.size() + " of " + dataset.size() + " images can't be used",
                "mend them or take them out of the split:\n  " + String.join("\n  ", messages) + more,
                failures.get(0));
    }
}
