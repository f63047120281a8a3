/** The report of a training or an evaluation as one HTML file. The only package that draws with the runtime's fonts. */
package org.stegokernels.report;
