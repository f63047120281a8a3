package org.stegokernels.train;

import java.util.ArrayList;
import java.util.List;
import org.stegokernels.device.Device;
import org.stegokernels.eval.ConfusionMatrix;
import org.stegokernels.eval.ConfusionMatrix.Count;
import org.stegokernels.eval.FeatureEvaluator;
import org.stegokernels.eval.Scores;
import org.stegokernels.features.FeatureCache;
import org.stegokernels.train.Trainer.Hooks;

/** Validation on features that are there, as {@link Hooks.Validation#onFeatures} says. */
final class FeatureValidation implements Hooks.Validation {
    private final FeatureCache cache;
    private final FeatureEvaluator evaluator;

    FeatureValidation(Device device, FeatureCache cache, int classes) {
        this.cache = cache;
        this.evaluator = new FeatureEvaluator(device, new CachedFeatures(cache), classes, Count.ALL);
    }

    private record CachedFeatures(FeatureCache cache) implements FeatureEvaluator.Images {
        @Override
        public int size() {
            return cache.size();
        }

        @Override
        public int height() {
            return cache.height();
        }

        @Override
        public int width() {
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
        public void features(int index, float[] out, int offset) {
            cache.features(index, out, offset);
        }

        @Override
        public boolean mirrored() {
            return false;
        }

        @Override
        public void mirroredFeatures(int index, float[] out, int offset) {
            throw new UnsupportedOperationException("features of mirror images are not kept");
        }

        @Override
        public void labels(int index, byte[] out, int offset) {
            cache.labels(index, out, offset);
        }
    }

    @Override
    public Hooks.Scores run(FeatureEvaluator.Modules modules) {
        FeatureEvaluator.Result result = evaluator.run(modules);
        Scores clusters = result.cluster();
        Scores linear = result.linear();
        return new Hooks.Scores(
                linear.meanIou(),
                linear.accuracy(),
                clusters.meanIou(),
                clusters.accuracy(),
                classOf(clusters.matrix(), clusters.matching()));
    }

    /** Returns the matching, and for a cluster that it leaves over the class of most of its pixels. */
    private static List<Integer> classOf(ConfusionMatrix matrix, Scores.Matching matching) {
        List<Integer> classes = new ArrayList<>();
        for (int cluster = 0; cluster < matrix.predictions(); cluster++) {
            int matched = matching.classOf()[cluster];
            if (matched == Scores.Matching.NONE) {
                matched = 0;
                for (int label = 1; label < matrix.classes(); label++) {
                    matched = matrix.count(cluster, label) > matrix.count(cluster, matched) ? label : matched;
                }
            }
            classes.add(matched);
        }
        return classes;
    }

    @Override
    public void close() {
        evaluator.close();
        cache.close();
    }
}
