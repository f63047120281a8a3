/**
 * A decoder for WebP pictures, pixel for pixel that of libwebp. Lossy pictures follow RFC 6386, whose sections the
 * classes are named after ({@link org.stegokernels.image.webp.LossyDecoder} leads through them); lossless pictures and
 * the container follow the specifications at developers.google.com/speed/webp/docs. Memory is asked for only when the
 * size in the header has passed the caller's limit and every length has been compared with that of the file.
 *
 * <p>Internal: it may change with every version.
 */
package org.stegokernels.image.webp;
