package org.stegokernels.bench.guard;

/**
 * One measurement of one path.
 *
 * @param path its name
 * @param ratio work done to what the peak of the same moment would have done: floating-point operations, or bytes of a
 *     path that has none, for each operation of the peak
 * @param pressure see {@link org.stegokernels.bench.roofline.Pressure}
 */
record Sample(String path, double ratio, double pressure) {}
