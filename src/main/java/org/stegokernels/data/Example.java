package org.stegokernels.data;

import java.nio.file.Path;

/**
 * One image of a dataset, or one crop of one.
 *
 * @param id unique in its dataset: the image's path below its folder without extension, with {@code /}; a crop's has
 *     {@code -0}, {@code -1}, ... behind it
 * @param image the whole image's file
 * @param labels the file of its label map, or null if it has none
 */
public record Example(String id, Path image, Path labels) {}
