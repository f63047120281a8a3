package org.stegokernels.image.webp;

/** Width and height in pixels. */
record Size(int width, int height) {}
