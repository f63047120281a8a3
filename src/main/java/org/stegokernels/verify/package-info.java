/**
 * Holds a device against what is known to be right: the {@linkplain org.stegokernels.verify.Oracle plain loops} on
 * random shapes, and the reference vectors of the published implementation.
 */
package org.stegokernels.verify;
