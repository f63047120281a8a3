/**
 * Photographs and label maps: decoded, resized, made into network input, drawn and written as PNG. Depends on {@code
 * io} only; knows nothing of models and devices. Loading and drawing need no display and no fonts.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.image;
