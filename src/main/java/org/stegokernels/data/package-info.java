/**
 * Datasets: which photographs and label maps belong to a split, how the label files' ids become classes, and crops.
 * Depends on {@code image} and {@code io} only; knows nothing of models and devices.
 */
package org.stegokernels.data;
