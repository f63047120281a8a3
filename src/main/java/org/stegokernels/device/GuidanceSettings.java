package org.stegokernels.device;

/**
 * Affinity of two pixels p apart and of colours c apart: {@code w1 exp(-p^2 / (2 alpha) - c^2 / (2 beta)) + w2 exp(-p^2 /
 * (2 gamma)) - shift} (Hamilton et al. 2022, supplement; the kernels of Kraehenbuehl and Koltun 2011).
 *
 * @param alpha variance of the distance, in square pixels, where colours count
 * @param beta variance of the colour
 * @param gamma variance of the distance where only it counts
 */
public record GuidanceSettings(double alpha, double beta, double gamma, double w1, double w2, double shift) {}
