package org.stegokernels.verify.random;

import org.stegokernels.verify.CheckScope;
import org.stegokernels.verify.Comparison;

/** Draws inputs for one operation, computes it on the device and by the oracle, and compares. */
@FunctionalInterface
interface Trial {
    Comparison run(CheckScope scope, Draw draw) throws Exception;
}
