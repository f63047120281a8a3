/**
 * The quality of segmentations: confusion counts, the matching of clusters to classes, metrics, and whole evaluations of a
 * model ({@link org.stegokernels.eval.Evaluator}), of one in training ({@link org.stegokernels.eval.FeatureEvaluator}) and
 * of baselines.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.eval;
