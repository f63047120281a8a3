/**
 * Jobs for Apache Spark: the same models and the same bits on many machines. {@link org.stegokernels.spark.Main} for {@code
 * spark-submit}, {@link org.stegokernels.spark.StegoSegmenter} and {@link org.stegokernels.spark.SegmentUdf} for programs.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.spark;
