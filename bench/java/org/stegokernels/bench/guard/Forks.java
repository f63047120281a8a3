package org.stegokernels.bench.guard;

import java.io.IOException;
import java.util.Collection;
import java.util.List;

/** A source of measurements: fresh Java virtual machines. */
interface Forks {
    /** Returns the machine that they run on. */
    Machine machine() throws IOException;

    /** Measures the named paths by turns in one new virtual machine. */
    List<Sample> run(Collection<String> paths) throws IOException;
}
