package org.stegokernels.device.opencl;

import static org.jocl.CL.clGetDeviceInfo;
import static org.jocl.CL.clGetPlatformInfo;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jocl.Pointer;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/** Properties of platforms and devices. */
final class Query {
    private Query() {}

    static String text(cl_platform_id platform, int property) {
        long[] size = new long[1];
        clGetPlatformInfo(platform, property, 0, null, size);
        byte[] bytes = new byte[(int) size[0]];
        clGetPlatformInfo(platform, property, bytes.length, Pointer.to(bytes), null);
        return text(bytes);
    }

    static String text(cl_device_id device, int property) {
        return text(bytes(device, property));
    }

    /** Returns an integer, of whatever width the property has; the first one of several. */
    static long number(cl_device_id device, int property) {
        byte[] bytes = bytes(device, property);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        return bytes.length >= Long.BYTES ? buffer.getLong() : Integer.toUnsignedLong(buffer.getInt());
    }

    private static byte[] bytes(cl_device_id device, int property) {
        long[] size = new long[1];
        clGetDeviceInfo(device, property, 0, null, size);
        byte[] bytes = new byte[(int) size[0]];
        clGetDeviceInfo(device, property, bytes.length, Pointer.to(bytes), null);
        return bytes;
    }

    /** Returns a text without the terminating zero. */
    private static String text(byte[] bytes) {
        return new String(bytes, 0, Math.max(0, bytes.length - 1), StandardCharsets.UTF_8);
    }
}
