/**
 * Results for other tools: objects and their measures, polygons, and the formats in which both are written.
 *
 * <p>API: other programs may use it.
 */
package org.stegokernels.export;
