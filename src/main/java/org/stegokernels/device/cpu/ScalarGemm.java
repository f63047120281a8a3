package org.stegokernels.device.cpu;

final class ScalarGemm implements GemmLanes {}
