package org.stegokernels.cli;

import java.io.IOException;
import java.net.BindException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.stegokernels.device.Device;
import org.stegokernels.device.Devices;
import org.stegokernels.serve.Workbench;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code serve}: the workbench in the browser, and an interface for other programs. */
@Command(
        name = ServeCommand.NAME,
        description = {
            "Opens the workbench, a page in the browser: see, name and correct classes.",
            "",
            "Prints the address with a token that keeps others out; only this machine can reach it. Programs"
                    + " POST photographs to /v1/segment. Ctrl-C ends it."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  stego-kernels serve photos/ --open",
            "  stego-kernels serve photos/ -m stego.safetensors -o named/",
            "  stego-kernels serve --port 8080 --token \"$TOKEN\""
        })
final class ServeCommand extends CliCommand {
    static final String NAME = "serve";

    private static final int MAX_PORT = 65535;
    /** A file of few bytes can promise many pixels, and the senders of requests may be strangers to each other. */
    private static final long USUAL_PIXELS = 100_000_000;

    @Parameters(
            paramLabel = "PHOTOS",
            arity = "0..*",
            description = "Photographs on the board: files, folders (with all below) or quoted globs. More can be"
                    + " dropped onto the page.")
    private List<String> inputs = List.of();

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            order = 1,
            defaultValue = "workbench",
            description = "Folder for what is saved, made by the first save; nothing else is ever written. Default:"
                    + " ${DEFAULT-VALUE}.")
    private Path out;

    @Mixin
    private final ModelSelection modelSelection = new ModelSelection.OrDemo();

    @Option(
            names = "--port",
            paramLabel = "N",
            order = 3,
            defaultValue = "0",
            description = "Port to listen on. Default: any that is free.")
    private int port;

    @Option(names = "--open", order = 4, description = "Open the page in the browser.")
    private boolean open;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            order = 5,
            description = "What requests must show: at least 16 letters of English, digits, - and _. Default: a new"
                    + " one.")
    private String token;

    @Option(
            names = "--size",
            paramLabel = "N",
            order = 6,
            description = "Shorter side in pixels of what the model sees. Default: what the model was made for, 320 if"
                    + " it doesn't say.")
    private Integer size;

    @Mixin
    private LimitSelection limitSelection;

    @Mixin
    private DeviceSelection deviceSelection;

    ServeCommand(Console console) {
        super(console);
    }

    @Override
    int run() throws IOException {
        if (port < 0 || port > MAX_PORT) {
            throw new UsageException("--port must be between 0 and " + MAX_PORT + ", not " + port);
        }
        options(Segmenter.Options.DEFAULT, Segmenter.Options.DEFAULT.size());
        // Judges the token before anything is loaded.
        settings("", List.of(), Segmenter.Options.DEFAULT);
        Devices.Choice choice = deviceSelection.choose();
        Inputs found = Inputs.of(inputs, out);
        found.failures().forEach(failure -> console.error(failure.text()));
        List<Workbench.Photograph> photographs = found.photographs().stream()
                .map(each -> new Workbench.Photograph(each.file(), each.name()))
                .toList();
        ModelSelection.Found model = modelSelection.find(console);
        CountDownLatch end = new CountDownLatch(1);
        try (EarlyEnd early = new EarlyEnd(end::countDown);
                Device device = deviceSelection.open(choice, false);
                Stego loaded = model.load(device)) {
            Segmenter.Options options =
                    options(Segmenter.Options.DEFAULT, loaded.info().settings().inputSize());
            if (!loaded.probes().isEmpty() && !loaded.probes().contains(options.probe())) {
                options = options.withProbe(loaded.probes().get(0));
            }
            serve(settings(model.label(), photographs, options), loaded, end);
        }
        return found.failures().isEmpty() ? ExitCode.DONE : ExitCode.SOME_INPUTS_FAILED;
    }

    private Segmenter.Options options(Segmenter.Options usual, int modelSize) {
        try {
            return usual.withSize(size == null ? modelSize : size);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--" + e.getMessage());
        }
    }

    private Workbench.Settings settings(
            String model, List<Workbench.Photograph> photographs, Segmenter.Options options) {
        try {
            return new Workbench.Settings(
                    model, photographs, out, port, token, options, limitSelection.limits(USUAL_PIXELS));
        } catch (IllegalArgumentException e) {
            throw new UsageException("--token: " + e.getMessage());
        }
    }

    private void serve(Workbench.Settings settings, Stego model, CountDownLatch end) throws IOException {
        try (Workbench workbench = Workbench.open(settings, model)) {
            console.out().println(workbench.address());
            console.out().flush();
            if (open) {
                openPage(workbench);
            }
            end.await();
        } catch (BindException e) {
            throw new UsageException("--port " + port + " can't be had (" + e.getMessage()
                    + "): give another one, or none for any that is free");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Java itself would need a window system for this. */
    private void openPage(Workbench workbench) {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        boolean windows = system.startsWith("windows");
        boolean mac = system.startsWith("mac");
        boolean screen = windows || mac || isSet("DISPLAY") || isSet("WAYLAND_DISPLAY");
        List<String> opener =
                windows ? List.of("rundll32", "url.dll,FileProtocolHandler") : List.of(mac ? "open" : "xdg-open");
        try {
            if (screen) {
                List<String> command = new ArrayList<>(opener);
                command.add(workbench.addressForOnce());
                new ProcessBuilder(command)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                return;
            }
        } catch (IOException noSuchProgram) {
            // Said below.
        }
        console.err().println("There is no browser to open here: open the address above in yours.");
    }

    private static boolean isSet(String variable) {
        String value = System.getenv(variable);
        return value != null && !value.isEmpty();
    }
}
