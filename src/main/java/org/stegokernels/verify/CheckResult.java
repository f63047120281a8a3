package org.stegokernels.verify;

/**
 * The outcome of one check: one line of {@code verify}.
 *
 * @param name family, case and quantity: {@code vit_micro_p8/40x56/tokens.2}, {@code random/linear}
 * @param device id of the device that was checked
 * @param error what was measured, in the measure that the tolerance is for; NaN if nothing could be
 * @param tolerance the largest error that passes; NaN if nothing is measured
 * @param detail where and why it failed, why it is not covered, or what was drawn; may be empty
 */
public record CheckResult(String name, String device, Status status, double error, double tolerance, String detail) {
    /** How a check ended. */
    public enum Status {
        PASS,
        FAIL,
        /** Nothing in this version can be held against it. Neither passed nor failed. */
        NOT_COVERED
    }
}
