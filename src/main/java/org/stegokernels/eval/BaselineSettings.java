package org.stegokernels.eval;

/**
 * How to make a baseline.
 *
 * @param clusters at least as many as the set has classes, at most 255
 * @param seed equal seeds give equal clusters
 */
public record BaselineSettings(Baseline kind, int clusters, long seed) {}
