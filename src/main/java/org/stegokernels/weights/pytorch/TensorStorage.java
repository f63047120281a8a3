package org.stegokernels.weights.pytorch;

import org.stegokernels.weights.TypedTensor.DType;

/**
 * Memory that tensors share, as the pickle describes it; where it lies in the file is known later.
 *
 * @param key its name in the file
 * @param typeName what PyTorch calls the class of its elements
 * @param elements how many there are
 */
record TensorStorage(String key, String typeName, long elements) {
    /** Returns the type of its elements; null if no tensor of a safetensors file could have it. */
    DType type() {
        return switch (kind()) {
            case "DoubleStorage" -> DType.F64;
            case "FloatStorage" -> DType.F32;
            case "HalfStorage" -> DType.F16;
            case "BFloat16Storage" -> DType.BF16;
            case "LongStorage" -> DType.I64;
            case "IntStorage" -> DType.I32;
            case "ShortStorage" -> DType.I16;
            case "CharStorage" -> DType.I8;
            case "ByteStorage", "UntypedStorage" -> DType.U8;
            case "BoolStorage" -> DType.BOOL;
            default -> null;
        };
    }

    /** Returns the bytes of an element; 0 if its type is not known at all. */
    private int width() {
        return switch (kind()) {
            case "QInt8Storage", "QUInt8Storage", "QUInt4x2Storage", "QUInt2x4Storage" -> 1;
            case "QInt32Storage" -> 4;
            case "ComplexFloatStorage" -> 8;
            case "ComplexDoubleStorage" -> 16;
            default -> type() == null ? 0 : type().bytes();
        };
    }

    /** Returns the class without its module, which may be that of a device: {@code torch.cuda.FloatStorage}. */
    private String kind() {
        return typeName.substring(typeName.lastIndexOf('.') + 1);
    }

    /** Returns its length in bytes; 0 if its type is not known at all. */
    long bytes() {
        return elements * width();
    }
}
