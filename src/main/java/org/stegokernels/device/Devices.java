package org.stegokernels.device;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Finds devices and chooses one, with the reason. */
public final class Devices {
    private static final System.Logger LOG = System.getLogger(Devices.class.getName());

    private static final String BY_NAME = "asked for by name";

    private Devices() {}

    /**
     * A device chosen but not yet opened.
     *
     * @param reason why this one, for the log and for {@code info}
     */
    public record Choice(DeviceProvider provider, Device.Info info, String reason) {
        /** Opens the device that was chosen. */
        public Device open(Device.Options options) {
            // A device that was named needs no explanation.
            System.Logger.Level level = reason.equals(BY_NAME) ? System.Logger.Level.DEBUG : System.Logger.Level.INFO;
            LOG.log(level, "device {0} ({1}): {2}", info.id(), info.description(), reason);
            return new CheckedDevice(provider.open(info, options), options.guards());
        }
    }

    /** Returns all providers on the class path. */
    public static List<DeviceProvider> providers() {
        List<DeviceProvider> providers = new ArrayList<>();
        ServiceLoader.load(DeviceProvider.class).forEach(providers::add);
        providers.sort(Comparator.comparing(DeviceProvider::name));
        return providers;
    }

    /**
     * Chooses by name: {@code auto} takes the highest rank; {@code cpu} the first device of that family; {@code
     * opencl:1} exactly that one. A device asked for by name is never replaced by another.
     *
     * @throws DeviceException.NotFound if there is no such device; the message lists what there is and why the rest is missing
     */
    public static Choice choose(String spec) {
        if (spec.equals("auto")) {
            return best();
        }
        // Looking for devices may take a driver's time: a family is asked only if it can matter.
        List<Choice> all = choices(provider -> spec.equals(provider.name()) || spec.startsWith(provider.name() + ":"));
        return all.stream()
                .filter(choice -> choice.info().id().equals(spec)
                        || choice.provider().name().equals(spec))
                .findFirst()
                .orElseThrow(() -> new DeviceException.NotFound(
                        "no device \"" + spec + "\". " + inventory(choices(provider -> true))));
    }

    private static Choice best() {
        List<DeviceProvider> providers = providers();
        providers.sort(Comparator.comparingInt(DeviceProvider::highestRank).reversed());
        Choice best = null;
        int seen = 0;
        for (DeviceProvider provider : providers) {
            if (best == null || provider.highestRank() > best.info().rank()) {
                for (Device.Info info : provider.devices()) {
                    seen++;
                    best = best == null || info.rank() > best.info().rank() ? new Choice(provider, info, "") : best;
                }
            }
        }
        if (best == null) {
            throw new DeviceException.NotFound("no device at all. " + inventory(List.of()));
        }
        return new Choice(best.provider(), best.info(), "best by rank of the " + seen + " that could be");
    }

    private static List<Choice> choices(Predicate<DeviceProvider> wanted) {
        List<Choice> choices = new ArrayList<>();
        for (DeviceProvider provider : providers()) {
            if (wanted.test(provider)) {
                for (Device.Info info : provider.devices()) {
                    choices.add(new Choice(provider, info, BY_NAME));
                }
            }
        }
        return choices;
    }

    private static String inventory(List<Choice> all) {
        String there = all.stream().map(choice -> choice.info().id()).collect(Collectors.joining(", "));
        String missing = providers().stream()
                .filter(provider -> provider.devices().isEmpty())
                .map(provider -> " " + provider.name() + ": " + provider.absence())
                .collect(Collectors.joining());
        return "There is: " + (there.isEmpty() ? "none" : there) + "." + missing;
    }
}
