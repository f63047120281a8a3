/** Results for other tools: objects and their measures, polygons, and the formats in which both are written. */
package org.stegokernels.export;
