package org.stegokernels.device.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ScalarMath} for whole vectors: the same steps, the same bits. To be called once in a method: two exponentials
 * with all their inlined steps are about as much as the compiler (C2) takes before it makes calls with boxed vectors.
 */
final class VectorMath {
    private static final VectorSpecies<Float> SPECIES = VectorLanes.SPECIES;

    private VectorMath() {}

    /** See {@link ScalarMath#exp}. */
    static FloatVector exp(FloatVector x) {
        FloatVector lowest = FloatVector.broadcast(SPECIES, ScalarMath.EXP_LOWEST);
        FloatVector highest = FloatVector.broadcast(SPECIES, ScalarMath.EXP_HIGHEST);
        FloatVector clamped = x.blend(lowest, x.compare(VectorOperators.LT, lowest));
        clamped = clamped.blend(highest, clamped.compare(VectorOperators.GT, highest));
        FloatVector shifter = FloatVector.broadcast(SPECIES, ScalarMath.EXPONENT_SHIFTER);
        FloatVector log2e = FloatVector.broadcast(SPECIES, ScalarMath.LOG2_E);
        FloatVector shifted = clamped.fma(log2e, shifter);
        FloatVector minusN = shifter.sub(shifted);
        FloatVector r = clamped.fma(FloatVector.broadcast(SPECIES, ScalarMath.LOG2_E_REST), clamped.fma(log2e, minusN));
        return pow2(r).mul(scale(shifted));
    }

    /** See {@link ScalarMath#gelu}. */
    static FloatVector gelu(FloatVector x) {
        FloatVector a = x.abs();
        FloatVector clamped = a.reinterpretAsInts()
                .min(FloatVector.broadcast(SPECIES, ScalarMath.GELU_WIDTH).reinterpretAsInts())
                .reinterpretAsFloats();
        // Two chains of half the length, even powers and odd ones: steps that don't wait for each other.
        FloatVector square = clamped.mul(clamped);
        FloatVector even = square.fma(
                FloatVector.broadcast(SPECIES, ScalarMath.Q10), FloatVector.broadcast(SPECIES, ScalarMath.Q8));
        FloatVector odd = square.fma(
                FloatVector.broadcast(SPECIES, ScalarMath.Q9), FloatVector.broadcast(SPECIES, ScalarMath.Q7));
        even = square.fma(even, FloatVector.broadcast(SPECIES, ScalarMath.Q6));
        odd = square.fma(odd, FloatVector.broadcast(SPECIES, ScalarMath.Q5));
        even = square.fma(even, FloatVector.broadcast(SPECIES, ScalarMath.Q4));
        odd = square.fma(odd, FloatVector.broadcast(SPECIES, ScalarMath.Q3));
        even = square.fma(even, FloatVector.broadcast(SPECIES, ScalarMath.Q2));
        odd = square.fma(odd, FloatVector.broadcast(SPECIES, ScalarMath.Q1));
        even = square.fma(even, FloatVector.broadcast(SPECIES, ScalarMath.Q0));
        FloatVector log = clamped.fma(odd, even);
        FloatVector shifter = FloatVector.broadcast(SPECIES, ScalarMath.EXPONENT_SHIFTER);
        FloatVector shifted = log.add(shifter);
        FloatVector r = log.add(shifter.sub(shifted));
        FloatVector tail = pow2(r).mul(clamped).mul(scale(shifted));
        return x.add(a).mul(FloatVector.broadcast(SPECIES, 0.5f)).sub(tail);
    }

    /** See {@link ScalarMath#exp2Negated}. */
    static FloatVector exp2Negated(FloatVector x) {
        FloatVector clamped = x.reinterpretAsInts()
                .min(FloatVector.broadcast(SPECIES, ScalarMath.EXP2_LOWEST).reinterpretAsInts())
                .reinterpretAsFloats();
        FloatVector shifter = FloatVector.broadcast(SPECIES, ScalarMath.EXPONENT_SHIFTER);
        FloatVector shifted = shifter.sub(clamped);
        FloatVector r = shifter.sub(shifted).sub(clamped);
        return pow2(r).mul(scale(shifted));
    }

    /**
     * Bits whose order as signed integers is the order of the floats. An integer maximum is one instruction; Java's float
     * maximum takes six to get NaN and the sign of zero right.
     */
    static IntVector ordered(FloatVector x) {
        IntVector bits = x.reinterpretAsInts();
        return bits.lanewise(VectorOperators.XOR, magnitude(bits));
    }

    /** Returns the floats of {@link #ordered} bits. */
    static FloatVector unordered(IntVector ordered) {
        return ordered.lanewise(VectorOperators.XOR, magnitude(ordered)).reinterpretAsFloats();
    }

    /** Returns all bits but the sign where the sign is set, else none. */
    private static IntVector magnitude(IntVector bits) {
        return bits.lanewise(VectorOperators.ASHR, 31).lanewise(VectorOperators.LSHR, 1);
    }

    /**
     * Returns the sum of the lanes of a vector stored in {@code lanes}, in a fixed order. A reduction of the Vector
     * API has no such order, and on JDK 25 compiled code differs from interpreted code in the last bit.
     */
    static float sum(float[] lanes) {
        float a = lanes[0];
        float b = lanes[1];
        float c = lanes[2];
        float d = lanes[3];
        for (int i = 4; i < SPECIES.length(); i += 4) {
            a += lanes[i];
            b += lanes[i + 1];
            c += lanes[i + 2];
            d += lanes[i + 3];
        }
        return (a + c) + (b + d);
    }

    private static FloatVector pow2(FloatVector r) {
        FloatVector p =
                r.fma(FloatVector.broadcast(SPECIES, ScalarMath.P4), FloatVector.broadcast(SPECIES, ScalarMath.P3));
        p = r.fma(p, FloatVector.broadcast(SPECIES, ScalarMath.P2));
        p = r.fma(p, FloatVector.broadcast(SPECIES, ScalarMath.P1));
        p = r.fma(p, FloatVector.broadcast(SPECIES, ScalarMath.P0));
        return r.fma(p, FloatVector.broadcast(SPECIES, 1f));
    }

    private static FloatVector scale(FloatVector shifted) {
        return shifted.reinterpretAsInts()
                .lanewise(VectorOperators.LSHL, ScalarMath.MANTISSA_BITS)
                .reinterpretAsFloats();
    }
}
