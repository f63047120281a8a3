/**
 * Datasets: which photographs and label maps belong to a split, how the label files' ids become classes, and crops.
 * Depends on {@code image} and {@code io} only; knows nothing of models and devices.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.data;
