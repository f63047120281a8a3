package org.stegokernels.bench.results;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One path on the CPU device and on another. */
record DevicePair(Measurement cpu, Measurement other) {
    /** Returns all paths that were measured on both, in the order of their names. */
    static List<DevicePair> all(Measurements measurements, String device) {
        return measurements
                .all()
                .filter(each -> each.device().equals(device))
                .flatMap(each -> measurements
                        .all()
                        .filter(cpu ->
                                cpu.name().equals(each.name()) && cpu.params().equals(onCpu(each.params())))
                        .map(cpu -> new DevicePair(cpu, each)))
                .toList();
    }

    private static Map<String, String> onCpu(Map<String, String> params) {
        Map<String, String> changed = new TreeMap<>(params);
        changed.put("device", "cpu");
        return changed;
    }

    /** Returns how many times as fast as the CPU device the other one is. */
    double speedup() {
        return cpu.median() / other.median();
    }
}
