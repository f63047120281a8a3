package org.stegokernels.device.cpu;

final class VectorRows implements RowLanes {}
