package org.stegokernels.bench.guard;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.stegokernels.bench.DeviceState;
import org.stegokernels.bench.roofline.HostPeaks;
import org.stegokernels.bench.roofline.Pressure;
import org.stegokernels.bench.roofline.Roofline;

/**
 * A fork of the guard: opens its paths, runs each until it is compiled, then measures them by turns, the processor's peak
 * before and after each. A line of JSON on standard output for the machine, then one for each sample.
 */
final class ForkMain {
    /** As long as it takes to time a path well, and short next to the drift of the processor's clock. */
    private static final double SAMPLE_NANOS = 40e6;

    private static final int MOST_ROUNDS_FOR_ONE = 3;

    private final PrintStream out;
    private final ObjectMapper json = new ObjectMapper();
    private final HostPeaks peaks = new HostPeaks();

    private ForkMain(PrintStream out) {
        this.out = out;
    }

    /** A path under measurement. */
    private static final class Track {
        final String name;
        final Roofline roofline;
        final HotPath.Run run;
        int peaceful;

        Track(String name, Roofline roofline, HotPath.Run run) {
            this.name = name;
            this.roofline = roofline;
            this.run = run;
        }
    }

    /** Arguments: device, seconds of {@link WarmUp}, samples for each path, names of the paths. */
    public static void main(String[] args) throws Exception {
        PrintStream out = System.out;
        // Benchmarks may print; standard output is for the samples.
        System.setOut(System.err);
        ForkMain fork = new ForkMain(out);
        fork.tell(Machine.here(args[0]));
        List<String> names = List.of(args).subList(3, args.length);
        if (!names.isEmpty()) {
            WarmUp warmUp = new WarmUp(Double.parseDouble(args[1]), System::nanoTime);
            fork.measure(args[0], warmUp, Integer.parseInt(args[2]), names);
        }
        out.flush();
        System.exit(0);
    }

    private void tell(Object value) throws Exception {
        out.println(json.writeValueAsString(value));
    }

    private void measure(String deviceName, WarmUp warmUp, int samples, List<String> names) throws Exception {
        DeviceState device = new DeviceState();
        device.device = deviceName;
        device.open();
        List<Track> tracks = new ArrayList<>();
        for (HotPath path : HotPaths.all()) {
            if (names.contains(path.name())) {
                Roofline roofline = new Roofline();
                tracks.add(new Track(path.name(), roofline, path.setup().open(device, roofline)));
            }
        }
        for (Track track : tracks) {
            warmUp.run(track.run);
        }
        for (int round = 0; round < MOST_ROUNDS_FOR_ONE * samples; round++) {
            for (Track track : tracks) {
                if (track.peaceful < samples) {
                    sample(track);
                }
            }
        }
    }

    private void sample(Track track) throws Exception {
        double before = peaks.compute();
        track.roofline.reset();
        Pressure pressure = Pressure.start();
        long start = System.nanoTime();
        double nanos;
        do {
            track.run.once();
            nanos = System.nanoTime() - start;
        } while (nanos < SAMPLE_NANOS);
        double waited = pressure.share();
        double peak = (before + peaks.compute()) / 2;
        double operations = track.roofline.operations();
        double work = operations > 0 ? operations : track.roofline.bytesMoved();
        tell(new Sample(track.name, work / nanos / peak, waited));
        if (waited <= Pressure.BUSY) {
            track.peaceful++;
        }
    }
}
