/** How good a segmentation is: confusion counts, the matching of clusters to classes, and the metrics of both. */
package org.stegokernels.eval;
