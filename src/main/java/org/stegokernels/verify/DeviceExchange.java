package org.stegokernels.verify;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;
import org.stegokernels.device.Kernels;
import org.stegokernels.device.TrainingKernels;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;
import org.stegokernels.verify.OperationCall.Operand;

/** Computes operations on a device of this program. */
final class DeviceExchange implements ExecDevice.Exchange {
    private final Device device;

    /** @param device belongs to the exchange from then on */
    DeviceExchange(Device device) {
        this.device = device;
    }

    @Override
    public void compute(OperationCall call) {
        try (Memory memory = new Memory()) {
            Method method = call.method();
            Object[] arguments = call.arguments().clone();
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = memory.moved(arguments[i]);
            }
            if (arguments[arguments.length - 1] instanceof int[] vertices) {
                vertices[0] = ((Kernels.Lattice) arguments[0]).vertices();
            } else {
                boolean training = method.getDeclaringClass() == TrainingKernels.class;
                method.invoke(training ? device.training() : device.kernels(), arguments);
            }
            memory.readBack();
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("the methods of an interface can be called", e);
        }
    }

    @Override
    public void close() {
        device.close();
    }

    /** The tensors of one call, on the device. */
    private final class Memory implements AutoCloseable {
        private final Map<Object, Tensor> tensors = new IdentityHashMap<>();
        private final Deque<AutoCloseable> owned = new ArrayDeque<>();

        /** Returns what stands for an argument on the device. */
        Object moved(Object argument) {
            if (argument instanceof List<?> list) {
                List<Object> all = new ArrayList<>();
                list.forEach(member -> all.add(moved(member)));
                return all;
            }
            if (argument instanceof Tensor tensor) {
                return moved(ExecDevice.operand(tensor));
            }
            if (argument instanceof ExecDevice.PackedLinear linear) {
                return owned(device.kernels().packLinear(moved(linear.weight()), moved(linear.bias())));
            }
            if (argument instanceof ExecDevice.PlacedLattice lattice) {
                Kernels.Lattice built = owned(device.kernels().allocateLattice(lattice.points(), lattice.dims()));
                device.kernels().buildLattice(moved(lattice.positions()), built);
                return built;
            }
            // Only building a lattice answers with a number that is no tensor of the caller's.
            return argument instanceof Operand vertices ? vertices.values() : argument;
        }

        private Tensor moved(Operand operand) {
            if (operand == null) {
                return null;
            }
            Tensor known = tensors.get(operand.values());
            if (known == null) {
                known = owned(device.allocate(operand.isFloat() ? ElementType.F32 : ElementType.I32, operand.shape()));
                tensors.put(operand.values(), known);
                if (operand.values() instanceof float[] floats) {
                    device.write(floats, known);
                } else {
                    device.write((int[]) operand.values(), known);
                }
            }
            return known.view(operand.shape().dims());
        }

        private <T extends AutoCloseable> T owned(T resource) {
            owned.push(resource);
            return resource;
        }

        void readBack() {
            tensors.forEach((values, tensor) -> {
                if (values instanceof float[] floats) {
                    device.read(tensor, floats);
                } else {
                    device.read(tensor, (int[]) values);
                }
            });
        }

        @Override
        public void close() {
            for (AutoCloseable resource : owned) {
                try {
                    resource.close();
                } catch (Exception e) {
                    throw new DeviceException("could not free memory: " + e.getMessage(), e);
                }
            }
        }
    }
}
