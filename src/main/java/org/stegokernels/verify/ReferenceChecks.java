package org.stegokernels.verify;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Goes through a folder of reference vectors, file by file. */
final class ReferenceChecks {
    private static final List<ReferenceFamily> FAMILIES = List.of(
            new OpsChecks(),
            new DirectChecks(),
            new VitChecks(),
            new TransformerChecks(),
            new HeadChecks(),
            new ProbeChecks(),
            new CorrespondenceChecks(),
            new ExtraChecks(),
            new SmoothnessChecks(),
            new PrototypesChecks(),
            new TraceChecks(),
            new NeighborChecks(),
            new MiniBatchChecks(),
            new MetricsChecks(),
            new DenseCrfChecks(),
            new PipelineChecks());

    private ReferenceChecks() {}

    /**
     * Checks a device against all files there and all that should be.
     *
     * @param folder null for the vectors in the jar
     */
    static void run(Path folder, Checks checks) {
        try (ReferenceSet set = ReferenceSet.open(folder)) {
            SortedSet<String> files = new TreeSet<>(set.names());
            FAMILIES.forEach(family -> files.addAll(family.required()));
            for (String file : files) {
                Optional<ReferenceFamily> family = family(file);
                if (family.isPresent()) {
                    check(set, file, family.get(), checks);
                } else {
                    checks.notCovered(file, "this version has no checks for it");
                }
            }
        } catch (IOException e) {
            checks.fail("reference", e);
        }
    }

    /** Returns the family that a file of this name belongs to. */
    static Optional<ReferenceFamily> family(String file) {
        return FAMILIES.stream().filter(family -> family.reads(file)).findFirst();
    }

    private static void check(ReferenceSet set, String name, ReferenceFamily family, Checks checks) {
        try (ReferenceFile file = set.file(name)) {
            family.check(file, checks);
            listUncovered(file, family, checks);
        } catch (IOException | RuntimeException e) {
            checks.fail(name, e);
        }
    }

    private static void listUncovered(ReferenceFile file, ReferenceFamily family, Checks checks) {
        SortedSet<String> unknown = new TreeSet<>(file.names());
        unknown.removeIf(family.covered().asMatchPredicate());
        for (ReferenceFamily.Uncovered part : family.uncovered()) {
            if (unknown.removeIf(part.tensors().asMatchPredicate())) {
                checks.notCovered(file.name() + "/" + part.name(), part.reason());
            }
        }
        if (!unknown.isEmpty()) {
            checks.notCovered(file.name() + "/other", "no check reads " + String.join(", ", unknown));
        }
    }
}
