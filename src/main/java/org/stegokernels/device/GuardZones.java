package org.stegokernels.device;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.stegokernels.tensor.Shape;
import org.stegokernels.tensor.Tensor;
import org.stegokernels.tensor.Tensor.ElementType;

/**
 * Elements before the start and past the end of each buffer of a device, which nothing may write. Each is a number of its own,
 * by buffer and place: a copy of a neighbour shows, arithmetic on it too, and a result that depends on what was read there
 * changes from one run to the next.
 */
final class GuardZones {
    /** Elements of a zone: no kernel's group writes farther, and parts of a buffer may begin there. */
    private static final int LENGTH = 128;

    private final Device device;
    private List<Zones> zones = new ArrayList<>();
    private int pruneAt = 1024;
    private long buffers;

    /**
     * The zones of one buffer.
     *
     * @param whole the buffer with its zones
     * @param first elements of the zone before it: 0 if there is none
     * @param length elements of the buffer between the zones
     * @param pattern what the zones hold, drawn by this seed
     */
    private record Zones(Tensor whole, int first, int length, long pattern) {
        boolean isOpen() {
            try {
                whole.buffer().owner();
                return true;
            } catch (IllegalStateException e) {
                return false;
            }
        }

        private int elements() {
            return whole.shape().size() - length;
        }

        long bytes() {
            return (long) elements() * whole.type().bytes();
        }

        /** Writes the pattern, and zeros between. */
        void fill(Device device) {
            int end = first + length;
            if (whole.type() == ElementType.F32) {
                float[] values = new float[whole.shape().size()];
                System.arraycopy(floats(), 0, values, 0, first);
                System.arraycopy(floats(), first, values, end, values.length - end);
                device.write(values, whole);
            } else {
                int[] values = new int[whole.shape().size()];
                System.arraycopy(ints(), 0, values, 0, first);
                System.arraycopy(ints(), first, values, end, values.length - end);
                device.write(values, whole);
            }
        }

        /** Throws if a zone does not hold its pattern any more. */
        void check(Device device) {
            int end = first + length;
            boolean before;
            boolean past;
            if (whole.type() == ElementType.F32) {
                float[] now = device.floats(whole);
                float[] then = floats();
                before = !Arrays.equals(now, 0, first, then, 0, first);
                past = !Arrays.equals(now, end, now.length, then, first, then.length);
            } else {
                int[] now = device.ints(whole);
                int[] then = ints();
                before = !Arrays.equals(now, 0, first, then, 0, first);
                past = !Arrays.equals(now, end, now.length, then, first, then.length);
            }
            if (before || past) {
                throw new DeviceException("device " + device.id() + ": a kernel wrote "
                        + (before ? "before the start" : "past the end") + " of a buffer of " + length + " "
                        + whole.type() + " elements");
            }
        }

        /** Returns finite numbers of either sign, in size between 64 and 128: not lost among others, no index of anything. */
        private float[] floats() {
            SplittableRandom random = new SplittableRandom(pattern);
            float[] values = new float[elements()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (64 + random.nextFloat() * 64) * (random.nextBoolean() ? 1 : -1);
            }
            return values;
        }

        private int[] ints() {
            SplittableRandom random = new SplittableRandom(pattern);
            return IntStream.generate(() -> random.nextInt(1 << 30, Integer.MAX_VALUE))
                    .limit(elements())
                    .toArray();
        }
    }

    GuardZones(Device device) {
        this.device = device;
    }

    /** Returns zeroed memory with zones around it. */
    Tensor allocate(ElementType type, Shape shape) {
        // 16-bit floats lie in words, two in each.
        boolean halves = type == ElementType.F16;
        int length = halves ? (shape.size() + 1) / 2 : shape.size();
        Tensor whole = device.allocate(halves ? ElementType.I32 : type, Shape.of(Math.addExact(length, 2 * LENGTH)));
        Tensor part = device.part(whole, LENGTH, type, shape);
        // Without parts, both zones lie past the end.
        Zones around = new Zones(whole, part == null ? 0 : LENGTH, length, buffers++);
        around.fill(device);
        if (zones.size() >= pruneAt) {
            zones = open();
            pruneAt = 1024 + 2 * zones.size();
        }
        zones.add(around);
        return part == null ? new Tensor(shape, whole.buffer()) : part;
    }

    private List<Zones> open() {
        return new ArrayList<>(zones.stream().filter(Zones::isOpen).toList());
    }

    /** Returns the bytes of the zones of all live buffers. */
    long bytes() {
        return open().stream().mapToLong(Zones::bytes).sum();
    }

    /** @throws DeviceException naming the first buffer whose zone was written */
    void check() {
        open().forEach(around -> around.check(device));
    }
}
