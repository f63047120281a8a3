/**
 * Results for other tools: objects and their measures, polygons, and the formats in which both are written. Depends on
 * {@code image}, {@code io} and {@code text}, not on a model; nothing else knows JTS.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.export;
