package org.stegokernels.verify;

import java.util.List;
import java.util.Map;

/** Sizes of real use: one check an operation. */
final class LargeChecks {
    private static final List<Map<String, Checks.Body>> LARGE = List.of(LargeModel.checks());
    private static final List<Map<String, Checks.Body>> TRAINING = List.of(LargeTraining.checks());

    private LargeChecks() {}

    static void run(Checks checks) {
        LARGE.forEach(family -> family.forEach((operation, body) -> checks.checkTwice("large/" + operation, body)));
        TRAINING.forEach(
                family -> family.forEach((operation, body) -> checks.checkTrainingTwice("large/" + operation, body)));
    }
}
