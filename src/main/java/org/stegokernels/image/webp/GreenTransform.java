package org.stegokernels.image.webp;

/** Green was subtracted from red and blue (WebP lossless, section 4.3). */
record GreenTransform(int codedWidth) implements Transform {
    @Override
    public int[] undo(int[] pixels) {
        for (int i = 0; i < pixels.length; i++) {
            int pixel = pixels[i];
            int green = pixel >> 8 & 0xFF;
            pixels[i] = pixel & 0xFF00FF00 | (pixel & 0x00FF00FF) + (green << 16 | green) & 0x00FF00FF;
        }
        return pixels;
    }
}
