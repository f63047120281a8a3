package org.stegokernels.cli;

import java.io.IOException;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceProvider;
import org.stegokernels.device.Devices;
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
        Json.write(console.out(), json -> {
            json.writeStringField("version", Version.text());
            json.writeStringField("java", Version.java());
            json.writeStringField("system", Version.system());
            json.writeNumberField("processors", Runtime.getRuntime().availableProcessors());
            json.writeNumberField("heapMegabytes", heapMegabytes());
            json.writeStringField("vectorModule", Launcher.vectorModule());
            json.writeStringField("demoModel", demoModel());
            json.writeArrayFieldStart("devices");
            for (DeviceProvider provider : Devices.providers()) {
                for (Device.Info device : provider.devices()) {
                    json.writeStartObject();
                    json.writeStringField("id", device.id());
                    json.writeStringField("description", device.description());
                    json.writeBooleanField("available", true);
                    json.writeEndObject();
                }
                if (provider.devices().isEmpty()) {
                    json.writeStartObject();
                    json.writeStringField("id", provider.name());
                    json.writeStringField("description", provider.absence());
                    json.writeBooleanField("available", false);
                    json.writeEndObject();
                }
            }
            json.writeEndArray();
            json.writeObjectFieldStart("auto");
            json.writeStringField("id", choice.info().id());
            json.writeStringField("reason", choice.reason());
            json.writeEndObject();
        });
    }
}
