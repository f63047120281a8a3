/**
 * The report of a training or an evaluation as one HTML file. The only package that draws with the runtime's fonts.
 *
 * <p>Internal: it may change with every version.
 */
package org.stegokernels.report;
