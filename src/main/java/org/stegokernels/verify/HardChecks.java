package org.stegokernels.verify;

import java.util.List;
import java.util.Map;

/** Values that each operation must get right and that chance hardly draws: one check an operation. */
final class HardChecks {
    private static final List<Map<String, Checks.Body>> HARD = List.of(HardModel.checks(), HardRows.checks());
    private static final List<Map<String, Checks.Body>> TRAINING = List.of(HardTraining.checks(), HardLosses.checks());

    private HardChecks() {}

    static void run(Checks checks) {
        HARD.forEach(family -> family.forEach((operation, body) -> checks.checkTwice("hard/" + operation, body)));
        TRAINING.forEach(
                family -> family.forEach((operation, body) -> checks.checkTrainingTwice("hard/" + operation, body)));
    }
}
