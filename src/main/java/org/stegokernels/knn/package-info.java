/** Nearest neighbours among the images of a dataset. */
package org.stegokernels.knn;
