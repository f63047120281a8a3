package org.stegokernels.bench.roofline;

import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;

/** Adds the measurements of {@link Roofline} to JMH's table and JSON. */
public final class RooflineProfiler implements InternalProfiler {
    @Override
    public String getDescription() {
        return "Rates, and the peaks of the same seconds";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        Roofline.last = List.of();
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        return Roofline.last;
    }
}
