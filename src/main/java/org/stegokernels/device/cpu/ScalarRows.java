package org.stegokernels.device.cpu;

final class ScalarRows implements RowLanes {}
