package org.stegokernels.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.stegokernels.registry.ModelRegistry;
import org.stegokernels.registry.ModelStore;
import org.stegokernels.registry.RegisteredModel;
import org.stegokernels.weights.DemoModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code models}: the models that have a name. */
@Command(
        name = ModelsCommand.NAME,
        synopsisSubcommandLabel = "(list | pull | path)",
        description = {
            "Lists, downloads and finds models that have a name.",
            "",
            "Downloads are kept in the user's cache folder, or in $STEGO_HOME/cache. Nothing is downloaded unless it is"
                    + " asked for by 'models pull' or --pull."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  stego-kernels models list",
            "  stego-kernels models pull dino-vits8",
            "  stego-kernels features photos/ -m dino-vits8 -o features/"
        })
final class ModelsCommand extends CliCommand {
    static final String NAME = "models";

    ModelsCommand(Console console) {
        super(console);
    }

    @Override
    List<CliCommand> subcommands() {
        return List.of(new ListCommand(console), new PullCommand(console), new PathCommand(console));
    }

    @Override
    int run() {
        throw new ParameterException(spec.commandLine(), "say what to do: list, pull NAME or path NAME");
    }

    @Command(name = "list", description = "Shows all models: what they are for, and whether they are here.")
    static final class ListCommand extends CliCommand {
        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        ListCommand(Console console) {
            super(console);
        }

        @Override
        int run() throws IOException {
            List<RegisteredModel> models = ModelRegistry.load().models();
            ModelStore store = ModelStore.ofUser();
            if (json) {
                Json.write(console.out(), out -> {
                    out.writeArrayFieldStart(NAME);
                    for (RegisteredModel model : models) {
                        write(model, store, out);
                    }
                    out.writeEndArray();
                });
            } else {
                print(models, store);
            }
            return ExitCode.DONE;
        }

        private void print(List<RegisteredModel> models, ModelStore store) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("name", "kind", "licence", "size", "state", "for"));
            for (RegisteredModel model : models) {
                long bytes = bytes(model);
                rows.add(List.of(
                        model.name(),
                        lower(model.kind()),
                        model.licence(),
                        bytes == 0 ? "" : ModelPull.megabytes(bytes),
                        state(model, store),
                        model.purpose()));
            }
            int[] widths = new int[rows.get(0).size()];
            rows.forEach(row -> {
                for (int i = 0; i < widths.length; i++) {
                    widths[i] = Math.max(widths[i], row.get(i).length());
                }
            });
            for (List<String> row : rows) {
                StringBuilder line = new StringBuilder();
                for (int i = 0; i < widths.length; i++) {
                    line.append(row.get(i))
                            .append(" ".repeat(widths[i] - row.get(i).length() + 2));
                }
                console.out().println(Console.printable(line.toString().stripTrailing()));
            }
        }

        private static void write(RegisteredModel model, ModelStore store, JsonGenerator out) throws IOException {
            out.writeStartObject();
            out.writeStringField("name", model.name());
            out.writeStringField("title", model.title());
            out.writeStringField("kind", lower(model.kind()));
            out.writeStringField("purpose", model.purpose());
            out.writeStringField("licence", model.licence());
            out.writeStringField("state", state(model, store));
            if (bytes(model) > 0) {
                out.writeNumberField("approximateBytes", bytes(model));
            }
            if (!model.embedded()) {
                out.writeStringField("url", model.url().toString());
                out.writeStringField("path", store.path(model.name()).toString());
            }
            out.writeEndObject();
        }

        private static String state(RegisteredModel model, ModelStore store) {
            return switch (store.state(model)) {
                case EMBEDDED -> DemoModel.bytes() > 0 ? "embedded" : "not in this build";
                case HERE -> "here";
                case PARTLY -> "partly pulled";
                case ABSENT -> "not pulled";
            };
        }

        /** 0 if nobody knows. */
        private static long bytes(RegisteredModel model) {
            return model.embedded() ? DemoModel.bytes() : model.size().orElse(0);
        }

        private static String lower(Enum<?> value) {
            return value.name().toLowerCase(Locale.ROOT);
        }
    }

    /** What is done with one model. */
    abstract static class NamedCommand extends CliCommand {
        @Parameters(paramLabel = "NAME", description = "One of those that 'models list' shows.")
        private String name;

        NamedCommand(Console console) {
            super(console);
        }

        @Override
        final int run() throws IOException {
            RegisteredModel model = ModelPull.registered(name);
            if (model.embedded()) {
                throw new UsageException(name + " comes with the program and has no file of its own: --model " + name);
            }
            ModelStore store = ModelStore.ofUser();
            have(model, store);
            console.out().println(store.path(name));
            return ExitCode.DONE;
        }

        /** Returns only if the model is here. */
        abstract void have(RegisteredModel model, ModelStore store) throws IOException;
    }

    @Command(
            name = "pull",
            description = "Downloads a model, checks and converts it, and prints its path. An interrupted download goes"
                    + " on where it ended; of a model that is here the digest is checked.")
    static final class PullCommand extends NamedCommand {
        PullCommand(Console console) {
            super(console);
        }

        @Override
        void have(RegisteredModel model, ModelStore store) throws IOException {
            ModelPull.run(model, store, console);
        }
    }

    @Command(name = "path", description = "Prints the path of a model that is here.")
    static final class PathCommand extends NamedCommand {
        PathCommand(Console console) {
            super(console);
        }

        @Override
        void have(RegisteredModel model, ModelStore store) {
            if (!store.has(model.name())) {
                throw ModelPull.absent(model, store);
            }
        }
    }
}
