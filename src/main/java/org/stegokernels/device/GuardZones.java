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
 * Elements after the end of each buffer of a device, which nothing may write. Each is a number of its own, by buffer and
 * place: a copy of a neighbour shows, arithmetic on it too, and a result that depends on what was read there changes from one
 * run to the next.
 */
final class GuardZones {
    /** Elements of a zone: no kernel's group writes farther past its end. */
    private static final int LENGTH = 64;

    private final Device device;
    private List<Zone> zones = new ArrayList<>();
    private int pruneAt = 1024;
    private long buffers;

    /**
     * The zone of one buffer.
     *
     * @param whole the buffer with the zone
     * @param length elements before it
     * @param pattern what the zone holds, drawn by this seed
     */
    private record Zone(Tensor whole, int length, long pattern) {
        boolean isOpen() {
            try {
                whole.buffer().owner();
                return true;
            } catch (IllegalStateException e) {
                return false;
            }
        }

        long bytes() {
            return (long) LENGTH * whole.type().bytes();
        }

        /** Writes zeros and the pattern after them. */
        void fill(Device device) {
            if (whole.type() == ElementType.F32) {
                float[] values = new float[length + LENGTH];
                System.arraycopy(floats(), 0, values, length, LENGTH);
                device.write(values, whole);
            } else {
                int[] values = new int[length + LENGTH];
                System.arraycopy(ints(), 0, values, length, LENGTH);
                device.write(values, whole);
            }
        }

        boolean isIntact(Device device) {
            if (whole.type() == ElementType.F32) {
                float[] values = device.floats(whole);
                return Arrays.equals(values, length, values.length, floats(), 0, LENGTH);
            }
            int[] values = device.ints(whole);
            return Arrays.equals(values, length, values.length, ints(), 0, LENGTH);
        }

        /** Finite numbers of either sign, in size between 64 and 128: not lost among others, no index of anything. */
        private float[] floats() {
            SplittableRandom random = new SplittableRandom(pattern);
            float[] values = new float[LENGTH];
            for (int i = 0; i < LENGTH; i++) {
                values[i] = (64 + random.nextFloat() * 64) * (random.nextBoolean() ? 1 : -1);
            }
            return values;
        }

        private int[] ints() {
            SplittableRandom random = new SplittableRandom(pattern);
            return IntStream.generate(() -> random.nextInt(1 << 30, Integer.MAX_VALUE))
                    .limit(LENGTH)
                    .toArray();
        }
    }

    GuardZones(Device device) {
        this.device = device;
    }

    /** Returns zeroed memory with a zone after it. */
    Tensor allocate(ElementType type, Shape shape) {
        Tensor whole = device.allocate(type, Shape.of(Math.addExact(shape.size(), LENGTH)));
        Zone zone = new Zone(whole, shape.size(), buffers++);
        zone.fill(device);
        if (zones.size() >= pruneAt) {
            zones = open();
            pruneAt = 1024 + 2 * zones.size();
        }
        zones.add(zone);
        return new Tensor(shape, whole.buffer());
    }

    private List<Zone> open() {
        return new ArrayList<>(zones.stream().filter(Zone::isOpen).toList());
    }

    /** Returns the bytes of the zones of all live buffers. */
    long bytes() {
        return open().stream().mapToLong(Zone::bytes).sum();
    }

    /** @throws DeviceException naming the first buffer whose zone was written */
    void check() {
        for (Zone zone : open()) {
            if (!zone.isIntact(device)) {
                throw new DeviceException("device " + device.id() + ": a kernel wrote past the end of a buffer of "
                        + zone.length() + " " + zone.whole().type() + " elements");
            }
        }
    }
}
