package org.stegokernels.spark;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;
import org.stegokernels.spark.Placement.Site;
import org.stegokernels.stego.FeatureExtractor;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import org.stegokernels.vit.Backbone.FeatureKind;

/**
 * The models of this executor, kept from task to task. A device computes one picture at a time, so each task that runs
 * borrows a device of its own, with the model on it and as many threads as the task has CPUs: tasks never wait for each
 * other, and there are never more than run at a time. When another model is asked for, those that nobody uses are closed.
 */
final class ExecutorModels {
    private static final System.Logger LOG = System.getLogger(ExecutorModels.class.getName());

    /** The last one given back first: its memory is the warmest. */
    private static final Deque<Loaded> IDLE = new ArrayDeque<>();

    private static final AtomicInteger LENT = new AtomicInteger();

    private ExecutorModels() {}

    /**
     * Lends a model, and loads it where none is free.
     *
     * @throws DeviceException if there is no such device, or it has not enough memory
     */
    static Loaned borrow(ModelBroadcast model, Placement placement) {
        Site site = placement.here();
        List<Loaded> others;
        synchronized (IDLE) {
            Optional<Loaded> free = IDLE.stream()
                    .filter(loaded -> loaded.key.equals(model.key()) && loaded.site.equals(site))
                    .findFirst();
            if (free.isPresent()) {
                IDLE.remove(free.get());
                return new Loaned(free.get());
            }
            others = IDLE.stream()
                    .filter(loaded -> !loaded.key.equals(model.key()))
                    .toList();
            IDLE.removeAll(others);
        }
        others.forEach(Loaded::close);
        return new Loaned(Loaded.on(site, model));
    }

    /** Closes all that nobody uses. */
    static void closeIdle() {
        List<Loaded> idle;
        synchronized (IDLE) {
            idle = new ArrayList<>(IDLE);
            IDLE.clear();
        }
        idle.forEach(Loaded::close);
    }

    /** Returns the number of models that are used. */
    static int lent() {
        return LENT.get();
    }

    /** Returns the number of models that nobody uses. */
    static int idle() {
        synchronized (IDLE) {
            return IDLE.size();
        }
    }

    /** A model on a device that nothing else uses, and what was made of it last. */
    private static final class Loaded {
        private final Site site;
        private final String key;
        private final Device device;
        private final Stego model;
        private Segmenter.Options options;
        private Segmenter segmenter;
        private FeatureExtractor extractor;
        private FeatureKind kind;

        private Loaded(Site site, String key, Device device, Stego model) {
            this.site = site;
            this.key = key;
            this.device = device;
            this.model = model;
        }

        static Loaded on(Site site, ModelBroadcast model) {
            Device device = site.open();
            try {
                Loaded loaded = new Loaded(site, model.key(), device, model.load(device));
                LOG.log(System.Logger.Level.INFO, "model {0} on {1}", model.label(), device.description());
                return loaded;
            } catch (RuntimeException | Error e) {
                device.close();
                throw e;
            }
        }

        private void forget() {
            if (segmenter != null) {
                segmenter.close();
            }
            if (extractor != null) {
                extractor.close();
            }
            segmenter = null;
            extractor = null;
        }

        Segmenter segmenter(Segmenter.Options wanted) {
            if (segmenter == null || !wanted.equals(options)) {
                forget();
                segmenter = Segmenter.of(model, wanted);
                options = wanted;
            }
            return segmenter;
        }

        FeatureExtractor extractor(FeatureKind wantedKind, Segmenter.Options wanted) {
            if (extractor == null || kind != wantedKind || !wanted.equals(options)) {
                forget();
                extractor = new FeatureExtractor(model.backbone(), wantedKind, wanted);
                kind = wantedKind;
                options = wanted;
            }
            return extractor;
        }

        void close() {
            forget();
            model.close();
            device.close();
        }
    }

    /** A model that one thread uses until it gives it back by {@link #close}. */
    static final class Loaned implements AutoCloseable {
        private final Loaded loaded;
        private boolean broken;

        private Loaned(Loaded loaded) {
            this.loaded = loaded;
            LENT.incrementAndGet();
        }

        Stego model() {
            return loaded.model;
        }

        /** @throws IllegalArgumentException if the model lacks the probe that the options ask for */
        Segmenter segmenter(Segmenter.Options options) {
            return loaded.segmenter(options);
        }

        /** Returns what makes features. */
        FeatureExtractor extractor(FeatureKind kind, Segmenter.Options options) {
            return loaded.extractor(kind, options);
        }

        /** Keeps others from a device that no longer works. */
        void giveUp() {
            broken = true;
        }

        @Override
        public void close() {
            if (broken) {
                loaded.close();
            } else {
                synchronized (IDLE) {
                    IDLE.addFirst(loaded);
                }
            }
            LENT.decrementAndGet();
        }
    }
}
