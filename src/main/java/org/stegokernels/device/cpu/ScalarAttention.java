package org.stegokernels.device.cpu;

final class ScalarAttention implements AttentionLanes {}
