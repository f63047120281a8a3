package org.stegokernels.device.cpu;

/**
 * The innermost loops of the CPU kernels, in one of two forms that compute the same thing: plain Java, or the Vector
 * API.
 *
 * @param name {@code scalar} or {@code vector}
 * @param description what runs, in words, with the reason if it is the slower form
 * @param width floats in a vector; the scalar form lays out its panels as if it had vectors of 8
 */
record Lanes(
        String name,
        String description,
        int width,
        GemmLanes gemm,
        AttentionLanes attention,
        RowLanes rows,
        LatticeLanes lattice,
        TrainingLanes training) {
    private static final String SCALAR = "scalar";
    private static final String PLAIN_JAVA = "plain Java, many times slower: ";

    /** Returns the Vector API's form where it is fast, else plain Java with the reason in its description. */
    static Lanes best() {
        String obstacle = obstacle(
                ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent(),
                System.getProperty("java.vm.name", ""),
                System.getProperty("java.vm.info", ""));
        return obstacle.isEmpty() ? VectorLanes.create() : scalar(PLAIN_JAVA + obstacle);
    }

    /**
     * Says why vectors would not be compiled to instructions; empty if they would. Objects that nothing compiles away are
     * many times slower than plain Java.
     *
     * @param vmName as in the property {@code java.vm.name}
     * @param vmInfo as in the property {@code java.vm.info}
     */
    static String obstacle(boolean module, String vmName, String vmInfo) {
        if (!module) {
            return "start java with --add-modules jdk.incubator.vector";
        }
        if (!vmName.contains("Server VM")) {
            return "this virtual machine, " + vmName + ", is not HotSpot, which alone compiles the Vector API well";
        }
        if (vmInfo.contains("interpreted")) {
            return "the virtual machine was started with -Xint, which compiles nothing";
        }
        if (vmInfo.contains("emulated-client")) {
            return "the virtual machine was started without its second compiler (-XX:TieredStopAtLevel=1)";
        }
        return "";
    }

    boolean isVector() {
        return !name.equals(SCALAR);
    }

    static Lanes scalar(String description) {
        return new Lanes(
                SCALAR,
                description,
                8,
                new ScalarGemm(),
                new ScalarAttention(),
                new ScalarRows(),
                new ScalarLattice(),
                new ScalarTraining());
    }
}
