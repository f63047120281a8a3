package org.stegokernels.verify;

import java.util.List;

/**
 * All results of one run.
 *
 * @param device id of the device
 * @param description the device in words
 * @param seed what the random shapes were drawn from
 */
public record VerifyReport(String device, String description, long seed, List<CheckResult> results) {
    /** Returns whether something was checked and nothing failed. */
    public boolean passed() {
        return count(CheckResult.Status.PASS) > 0 && count(CheckResult.Status.FAIL) == 0;
    }

    public long count(CheckResult.Status status) {
        return results.stream().filter(result -> result.status() == status).count();
    }
}
