package org.stegokernels.cli;

import java.io.IOException;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceProvider;
import org.stegokernels.device.Devices;
import org.stegokernels.text.JsonWriter;
import org.stegokernels.weights.DemoModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code info}: what this program would run on, and why. */
@Command(
        name = InfoCommand.NAME,
        description = "Lists devices, the one 'auto' takes and why, and versions.",
        footerHeading = CliCommand.EXAMPLES,
        footer = "  stego-kernels info --json")
final class InfoCommand extends CliCommand {
    static final String NAME = "info";

    @Option(names = "--json", description = "Print JSON.")
    boolean json;

    InfoCommand(Console console) {
        super(console);
    }

    @Override
    String next() {
        return NextStep.command("segment", "PHOTOS", "-o", "masks");
    }

    @Override
    int run() throws IOException {
        Devices.Choice choice = Devices.choose("auto");
        if (json) {
            printJson(choice);
        } else {
            printText(choice);
        }
        return ExitCode.DONE;
    }

    private static long heapMegabytes() {
        return Runtime.getRuntime().maxMemory() >> 20;
    }

    private static String demoModel() {
        long bytes = DemoModel.bytes();
        return bytes == 0 ? "not in this build" : "embedded, " + ModelTable.megabytes(bytes);
    }

    private void printText(Devices.Choice choice) {
        console.out().println("stego-kernels " + Version.text());
        console.out().println("Java          " + Version.java());
        console.out()
                .println("system        " + Version.system() + ", "
                        + Runtime.getRuntime().availableProcessors() + " processors, Java heap up to " + heapMegabytes()
                        + " MiB");
        console.out().println("vector module " + Launcher.vectorModule());
        console.out().println("demo model    " + demoModel() + "; 'stego-kernels models list' shows others");
        console.out().println();
        console.out().println("Devices:");
        for (DeviceProvider provider : Devices.providers()) {
            for (Device.Info device : provider.devices()) {
                String mark = device.id().equals(choice.info().id()) ? "*" : " ";
                console.out().printf("%s %-12s %s%n", mark, device.id(), device.description());
            }
            if (provider.devices().isEmpty()) {
                console.out().printf("  %-12s not available: %s%n", provider.name(), provider.absence());
            }
        }
        console.out().println("* is what --device auto takes: " + choice.reason());
    }

    private void printJson(Devices.Choice choice) throws IOException {
        JsonWriter.print(console.out(), json -> {
            json.field("version", Version.text());
            json.field("java", Version.java());
            json.field("system", Version.system());
            json.field("processors", Runtime.getRuntime().availableProcessors());
            json.field("heapMegabytes", heapMegabytes());
            json.field("vectorModule", Launcher.vectorModule());
            json.field("demoModel", demoModel());
            json.beginList("devices");
            for (DeviceProvider provider : Devices.providers()) {
                for (Device.Info device : provider.devices()) {
                    json.beginObject();
                    json.field("id", device.id());
                    json.field("description", device.description());
                    json.field("available", true);
                    json.endObject();
                }
                if (provider.devices().isEmpty()) {
                    json.beginObject();
                    json.field("id", provider.name());
                    json.field("description", provider.absence());
                    json.field("available", false);
                    json.endObject();
                }
            }
            json.endList();
            json.beginObject("auto");
            json.field("id", choice.info().id());
            json.field("reason", choice.reason());
            json.endObject();
        });
    }
}
