/** The documentation as a site: made of the Markdown pages in {@code src/doc} and elsewhere, and checked by the tests. */
package org.stegokernels.doc;
