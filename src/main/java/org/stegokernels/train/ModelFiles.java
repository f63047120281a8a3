package org.stegokernels.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.stegokernels.data.DatasetClasses;
import org.stegokernels.stego.ModelInfo;
import org.stegokernels.stego.Stego;
import org.stegokernels.tensor.HostTensor;

/**
 * Writes what was trained as STEGO models that {@code segment} uses at once.
 *
 * @param backbone gives its backbone
 * @param classes of the labels; null if there are none, clusters then being classes themselves
 */
public record ModelFiles(Stego backbone, TrainSettings settings, DatasetClasses classes)
        implements TrainingHooks.ModelWriter {
    private static final float ALPHA = ModelInfo.Settings.DEFAULT.alpha();

    @Override
    public void write(Path file, Map<String, HostTensor> parts, List<Integer> clusterToClass) throws IOException {
        ModelInfo.Settings before = backbone.info().settings();
        ModelInfo.Settings how = new ModelInfo.Settings(
                settings.dinoFeatType(), settings.valRes(), ALPHA, before.source(), before.licence());
        boolean known = settings.extraClusters() == 0 || !clusterToClass.isEmpty();
        if (classes == null || !known) {
            Map<String, HostTensor> clustersOnly = new LinkedHashMap<>(parts);
            clustersOnly.keySet().removeIf(name -> name.startsWith("linear_probe."));
            backbone.save(file, new ModelInfo(List.of(), List.of(), List.of(), how, Map.of()), clustersOnly);
            return;
        }
        List<Integer> colours = IntStream.range(0, classes.count())
                .mapToObj(classes.palette()::color)
                .toList();
        backbone.save(file, new ModelInfo(classes.names(), colours, clusterToClass, how, Map.of()), parts);
    }
}
