/**
 * The dense conditional random field that sharpens the borders of a segmentation.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.crf;
