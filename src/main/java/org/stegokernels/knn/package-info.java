/**
 * Nearest neighbours among the images of a dataset.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.knn;
