package org.stegokernels.device;

/**
 * A device that could be opened.
 *
 * @param id the name to ask for it by: {@code cpu}, {@code cpu:scalar}, {@code opencl:0}
 * @param description what it is, in words: vector width and threads, or the vendor's name
 * @param rank how eagerly {@code auto} takes it: the highest rank wins (a GPU 200, the vectorised CPU kernels 100,
 *     anything emulated below that)
 */
public record DeviceInfo(String id, String description, int rank) {}
