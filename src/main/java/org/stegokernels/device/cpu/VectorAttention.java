package org.stegokernels.device.cpu;

final class VectorAttention implements AttentionLanes {}
