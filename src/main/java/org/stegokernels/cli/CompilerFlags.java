package org.stegokernels.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Flags of the HotSpot virtual machine that have the CPU kernels compiled sooner, and each once. None is needed; the
 * program starts itself with them. What each of them gained: {@code bench/notes.md}.
 */
public final class CompilerFlags {
    static final String CPU_KERNELS = "org.stegokernels.device.cpu.";
    /**
     * Long vector code that several loops call: it is compiled by itself, not again in each of its callers. No vector may
     * be an argument or a result there: one that crosses a call is an object.
     */
    static final List<String> COMPILED_ONCE =
            List.of("VectorGemm::activate", "VectorAttention::*", "VectorRows::*", "VectorLattice::softmax");

    private static final String COMPILE = "-XX:CompileCommand=";

    private CompilerFlags() {}

    /** Returns the flags for this machine, for JDK 17 and later. */
    public static List<String> list() {
        List<String> flags = onEveryMachine();
        if (Runtime.getRuntime().availableProcessors() < 4) {
            // One thread for each of the two compilers is the default there; C2 has the most to do by far.
            flags.add("-XX:CICompilerCount=3");
        }
        return flags;
    }

    /** Returns those of the flags that a launcher made elsewhere can give: see {@code jbang-catalog.json}. */
    static List<String> onEveryMachine() {
        List<String> flags = new ArrayList<>();
        flags.add(COMPILE.concat("quiet"));
        // Writing the classes of lambdas keeps this method of the JDK busy just long enough to be compiled, for half a
        // second, when it has done its work.
        flags.add(COMPILE.concat("exclude,jdk.internal.org.objectweb.asm.Frame::execute"));
        // A vector operation is a slow call until its loop is compiled.
        flags.add(COMPILE.concat("CompileThresholdScaling,").concat(CPU_KERNELS).concat("*::*,0.2"));
        // Five times the default: a method is compiled soon enough, its loop in the midst of a call seldom pays.
        flags.add("-XX:Tier4BackEdgeThreshold=200000");
        // Two passes over a loop's graph that find nothing to do in loops of vectors, and take a tenth of the
        // compiler's time.
        flags.add("-XX:-SplitIfBlocks");
        flags.add("-XX:-PartialPeelLoop");
        for (String method : COMPILED_ONCE) {
            flags.add(COMPILE.concat("dontinline,").concat(CPU_KERNELS).concat(method));
        }
        return flags;
    }
}
