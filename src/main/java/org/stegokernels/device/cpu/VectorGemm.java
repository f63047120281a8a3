package org.stegokernels.device.cpu;

final class VectorGemm implements GemmLanes {}
