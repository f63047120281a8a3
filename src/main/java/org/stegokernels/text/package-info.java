/**
 * Text from people and files: names that were typed, characters that act, JSON. Depends on no other room.
 *
 * <p>Internal: it may change with every version.
 */
package org.stegokernels.text;
