package org.stegokernels.stego;

/**
 * One class of a segmentation.
 *
 * @param id its label in label maps, 0 to 254
 * @param name what it is called
 * @param rgb its colour, {@code 0xRRGGBB}
 */
public record SegmentClass(int id, String name, int rgb) {}
