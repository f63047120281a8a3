/** The dense conditional random field that sharpens the borders of a segmentation. */
package org.stegokernels.crf;
