package org.stegokernels.verify;

import java.util.LinkedHashMap;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;

/** Rounds of random shapes for every operation; one check an operation, which ends at its first failure. */
final class RandomChecks {
    private static final Map<String, Trial> TRIALS = trials();
    private static final Map<String, Trial> TRAINING = training();

    private RandomChecks() {}

    private static Map<String, Trial> trials() {
        Map<String, Trial> trials = new LinkedHashMap<>();
        trials.put("linear", RandomLinear::linear);
        trials.put("patchEmbed", RandomLinear::patchEmbed);
        trials.put("attention", RandomAttention::attention);
        trials.put("attentionWeights", RandomAttention::attentionWeights);
        trials.put("layerNorm", RandomRows::layerNorm);
        trials.put("gelu", RandomRows::gelu);
        trials.put("swiGlu", RandomRows::swiGlu);
        trials.put("normalize", RandomRows::normalize);
        trials.put("softmax", RandomRows::softmax);
        trials.put("logSoftmax", RandomRows::logSoftmax);
        trials.put("argmax", RandomRows::argmax);
        trials.put("slice", RandomRows::slice);
        trials.put("mirrorMean", RandomRows::mirrorMean);
        trials.put("clusterSums", RandomRows::clusterSums);
        trials.put("bicubic", RandomResample::bicubic);
        trials.put("bilinear", RandomResample::bilinear);
        trials.put("latticeFilter", RandomLattice::latticeFilter);
        trials.put("meanField", RandomLattice::meanField);
        return trials;
    }

    private static Map<String, Trial> training() {
        Map<String, Trial> trials = new LinkedHashMap<>();
        trials.put("training.linear", RandomTraining::trainedLinear);
        trials.put("linearGradient", RandomTraining::linearGradient);
        trials.put("reluGradient", RandomTraining::reluGradient);
        trials.put("scaleChannels", RandomTraining::scaleChannels);
        trials.put("addScaled", RandomTraining::addScaled);
        trials.put("normalizeGradient", RandomTraining::normalizeGradient);
        trials.put("bilinearGradient", RandomSampling::bilinearGradient);
        trials.put("gridSample", RandomSampling::gridSample);
        trials.put("gridSampleGradient", RandomSampling::gridSampleGradient);
        trials.put("correspondence", RandomLosses::correspondence);
        trials.put("crossEntropy", RandomLosses::crossEntropy);
        trials.put("assignmentLoss", RandomLosses::assignmentLoss);
        trials.put("agreementLoss", RandomLosses::agreementLoss);
        trials.put("crfLoss", RandomLosses::crfLoss);
        trials.put("adam", RandomTraining::adam);
        trials.put("topK", RandomNeighbors::topK);
        trials.put("nearestCenters", RandomNeighbors::nearestCenters);
        trials.put("runningMeans", RandomNeighbors::runningMeans);
        return trials;
    }

    /** Checks every operation {@code rounds} times. */
    static void run(int rounds, long seed, Checks checks) {
        if (rounds > 0) {
            TRIALS.forEach((operation, trial) -> checks.checkRounds(
                    "random/" + operation, device -> rounds(device, operation, trial, rounds, seed)));
            TRAINING.forEach((operation, trial) -> checks.checkTrainingRounds(
                    "random/" + operation, device -> rounds(device, operation, trial, rounds, seed)));
        }
    }

    private static Comparison rounds(Device device, String operation, Trial trial, int rounds, long seed) {
        Comparison worst = null;
        for (int round = 0; round < rounds; round++) {
            Draw draw = new Draw(seed, operation, round);
            Comparison comparison;
            try {
                comparison = CheckScope.run(device, scope -> trial.run(scope, draw));
            } catch (Exception e) {
                throw new DeviceException(where(seed, round, draw) + e, e);
            }
            if (!comparison.passed()) {
                return comparison.prefixed(where(seed, round, draw));
            }
            if (worst == null || comparison.error() > worst.error()) {
                worst = comparison;
            }
        }
        return worst.prefixed(rounds + (rounds == 1 ? " round" : " rounds") + " from seed " + seed);
    }

    private static String where(long seed, int round, Draw draw) {
        return "seed " + seed + ", round " + round + ", " + draw + ": ";
    }

    /** Draws inputs for one operation, computes it on the device and by the oracle, and compares. */
    @FunctionalInterface
    private interface Trial {
        Comparison run(CheckScope scope, Draw draw) throws Exception;
    }
}
