package org.stegokernels.train.loss;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.tensor.HostTensor;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.train.loss.CorrespondenceLoss.Observer;

/**
 * STEGO's objective (Hamilton et al. 2022): correspondences of features are distilled into the codes, and a cluster probe,
 * from which the codes get no gradient, follows them.
 */
final class StegoObjective implements Objective {
    private final CorrespondenceLoss correspondence;
    private final ExtraLosses extras;
    private final ClusterLoss cluster;

    StegoObjective(Device device, HostTensor clusters, CorrespondenceLoss.Settings settings, ExtraLosses extras) {
        this.correspondence = new CorrespondenceLoss(device, settings);
        this.extras = extras;
        this.cluster = new ClusterLoss(device, clusters);
    }

    @Override
    public List<Parameter> headParameters() {
        return extras == null ? List.of() : extras.parameters();
    }

    @Override
    public List<Parameter> clusterParameters() {
        return cluster.parameters();
    }

    @Override
    public Parameter clusters() {
        return cluster.parameters().get(0);
    }

    @Override
    public void start(float[] clusters) {
        clusters().restart(clusters);
    }

    /** Labels that are compared instead of features are not dropped. */
    @Override
    public Losses run(Inputs inputs, Tensor code, Tensor gradCode, Observer observer) {
        boolean given = inputs.signal() != null;
        CorrespondenceLoss.Terms terms = correspondence.run(
                given ? inputs.signal() : inputs.features(),
                code,
                inputs.pairs(),
                given ? null : inputs.mask(),
                gradCode,
                observer);
        int images = inputs.pairs().images();
        ExtraLosses.Terms further = extras == null
                ? ExtraLosses.Terms.NONE
                : extras.run(images, inputs.features(), inputs.mask(), inputs.extras(), code, gradCode);
        int[] dims = code.shape().dims();
        dims[0] = images;
        double clusterLoss = cluster.run(code.view(dims), ClusterLoss.HARD, null);
        return new Losses(terms.total() + further.total(), clusterLoss, byName(terms, further));
    }

    private static Map<String, Double> byName(CorrespondenceLoss.Terms terms, ExtraLosses.Terms further) {
        Map<String, Double> losses = new LinkedHashMap<>();
        losses.put("intra", terms.intra());
        losses.put("inter", terms.inter());
        losses.put("negative", terms.negative());
        putUnlessOff(losses, "reconstruction", further.reconstruction());
        putUnlessOff(losses, "crf", further.crf());
        putUnlessOff(losses, "alignment", further.alignment());
        return losses;
    }

    private static void putUnlessOff(Map<String, Double> losses, String name, double loss) {
        if (loss != 0) {
            losses.put(name, loss);
        }
    }

    @Override
    public void close() {
        correspondence.close();
        cluster.close();
        if (extras != null) {
            extras.close();
        }
    }
}
