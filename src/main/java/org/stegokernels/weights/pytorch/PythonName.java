package org.stegokernels.weights.pytorch;

/**
 * A class or function of Python, by name: all that is known of it here.
 *
 * @param name with its module: {@code torch.FloatStorage}
 */
record PythonName(String name) {}
