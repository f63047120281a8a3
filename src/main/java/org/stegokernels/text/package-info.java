/** Words that people typed. Depends on nothing. */
package org.stegokernels.text;
