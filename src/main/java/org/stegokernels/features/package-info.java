/**
 * Features of whole datasets, computed once by a frozen backbone and kept in memory-mapped files or in memory: {@link
 * org.stegokernels.features.FeatureCache} of what a {@link org.stegokernels.features.FeatureCache.FeatureSource} makes.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.features;
