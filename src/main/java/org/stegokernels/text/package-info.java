/** Text from people and files: names that were typed, characters that act, JSON. Depends on no other room. */
package org.stegokernels.text;
