package org.stegokernels.testing;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.stegokernels.device.Device;
import org.stegokernels.device.Device.Precision;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.Kernels;

/** A device that does one thing wrong, to see whether it is noticed. */
public final class FaultyDevice {
    /** Called after an operation, with its arguments. */
    @FunctionalInterface
    public interface Fault {
        void after(Device device, Object[] arguments);
    }

    private FaultyDevice() {}

    /** Returns {@code device}, with {@code fault} after each call of the kernel {@code operation}. */
    public static Device behind(Device device, String operation, Fault fault) {
        Kernels kernels = proxy(Kernels.class, (self, method, arguments) -> {
            Object result = call(device.kernels(), method, arguments);
            if (method.getName().equals(operation)) {
                fault.after(device, arguments);
            }
            return result;
        });
        return proxy(
                Device.class,
                (self, method, arguments) ->
                        method.getName().equals("kernels") ? kernels : call(device, method, arguments));
    }

    /** {@code device}, but its guard zones are found overrun once the kernel {@code operation} has run. */
    public static Device overrunning(Device device, String operation) {
        boolean[] overrun = new boolean[1];
        Device counting = behind(device, operation, (self, arguments) -> overrun[0] = true);
        return proxy(Device.class, (self, method, arguments) -> {
            if (method.getName().equals("checkGuards") && overrun[0]) {
                overrun[0] = false;
                throw new DeviceException("a kernel wrote past the end of a buffer");
            }
            return call(counting, method, arguments);
        });
    }

    /** {@code device}, but it says to compute in {@code precision}. */
    public static Device claiming(Device device, Precision precision) {
        return proxy(
                Device.class,
                (self, method, arguments) ->
                        method.getName().equals("precision") ? precision : call(device, method, arguments));
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
