package org.stegokernels.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.stegokernels.io.UserCache;
import org.stegokernels.text.JsonWriter;
import org.stegokernels.text.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code cache}: what the program keeps in the user's cache folder. */
@Command(
        name = CacheCommand.NAME,
        synopsisSubcommandLabel = "(list | clear)",
        description = {
            "Shows and removes what is kept to save time: features, models, tuning and compiled kernels.",
            "",
            "It lies in the user's cache folder, or in $STEGO_HOME/cache. All of it is made or downloaded again when it"
                    + " is needed; a model whose authors ask to accept a licence has to be fetched by hand again."
        },
        footerHeading = CliCommand.EXAMPLES,
        footer = {
            "  stego-kernels cache list",
            "  stego-kernels cache clear features/photos-204fa88b562592be.safetensors",
            "  stego-kernels cache clear features kernels",
            "  stego-kernels cache clear --all"
        })
final class CacheCommand extends CliCommand {
    static final String NAME = "cache";

    CacheCommand(Console console) {
        super(console);
    }

    @Override
    List<CliCommand> subcommands() {
        return List.of(new ListCommand(console), new ClearCommand(console));
    }

    @Override
    int run() {
        throw new ParameterException(spec.commandLine(), "say what to do: list, or clear NAME...");
    }

    private static long bytes(List<CacheEntry> entries) {
        return entries.stream().mapToLong(CacheEntry::bytes).sum();
    }

    private static String entries(int count) {
        return count == 1 ? "1 entry" : count + " entries";
    }

    @Command(name = "list", description = "Shows what is kept: name, size, and the time since its last change.")
    static final class ListCommand extends CliCommand {
        private static final int MINUTES_AN_HOUR = 60;
        private static final int MINUTES_A_DAY = 24 * MINUTES_AN_HOUR;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        private boolean empty;

        ListCommand(Console console) {
            super(console);
        }

        @Override
        String next() {
            return empty ? null : NextStep.command(CacheCommand.NAME, "clear", "NAME");
        }

        @Override
        int run() throws IOException {
            Path folder = UserCache.folder();
            List<CacheEntry> entries = CacheEntry.in(folder);
            empty = entries.isEmpty();
            if (json) {
                JsonWriter.print(console.out(), writer -> write(writer, folder, entries));
                return ExitCode.DONE;
            }
            int width = entries.stream()
                    .mapToInt(entry -> entry.name().length())
                    .max()
                    .orElse(0);
            Instant now = Instant.now();
            for (CacheEntry entry : entries) {
                String name = Printable.line(entry.name());
                console.out()
                        .println(name
                                + " ".repeat(width - name.length())
                                + "%10s".formatted(ModelTable.megabytes(entry.bytes()))
                                + "%8s".formatted(age(Duration.between(entry.modified(), now))));
            }
            console.out()
                    .println(entries(entries.size()) + ", " + ModelTable.megabytes(bytes(entries)) + ": "
                            + Printable.line(folder.toString()));
            return ExitCode.DONE;
        }

        private static void write(JsonWriter json, Path folder, List<CacheEntry> entries) throws IOException {
            json.field("folder", folder.toString());
            json.field("bytes", bytes(entries));
            json.beginList("entries");
            for (CacheEntry entry : entries) {
                json.beginObject();
                json.field("name", entry.name());
                json.field("bytes", entry.bytes());
                json.field("files", entry.files().size());
                json.field("modified", entry.modified().toString());
                json.endObject();
            }
            json.endList();
        }

        /** Returns {@code 5 min}, {@code 3 h} or {@code 12 d}. */
        static String age(Duration age) {
            long minutes = Math.max(0, age.toMinutes());
            if (minutes < MINUTES_AN_HOUR) {
                return minutes + " min";
            }
            return minutes < MINUTES_A_DAY ? minutes / MINUTES_AN_HOUR + " h" : minutes / MINUTES_A_DAY + " d";
        }
    }

    @Command(
            name = "clear",
            description = "Removes what is named, and says what that freed. What a running process has locked stays;"
                    + " without names it asks.")
    static final class ClearCommand extends CliCommand {
        @Parameters(
                paramLabel = "NAME",
                arity = "0..*",
                description = "As 'cache list' shows it, or a kind: features, models, tuning, kernels.")
        private List<String> names = List.of();

        @Option(names = "--all", description = "Remove everything.")
        private boolean all;

        ClearCommand(Console console) {
            super(console);
        }

        @Override
        int run() throws IOException {
            if (all && !names.isEmpty()) {
                throw new UsageException("--all and names exclude each other");
            }
            List<CacheEntry> entries = CacheEntry.in(UserCache.folder());
            List<CacheEntry> meant = all || names.isEmpty() ? entries : named(entries);
            if (!all && names.isEmpty() && !entries.isEmpty() && !agreed(entries)) {
                console.out().println("nothing was removed");
                return ExitCode.DONE;
            }
            List<String> reasons = new ArrayList<>();
            long freed = 0;
            for (CacheEntry entry : meant) {
                freed += entry.remove(reasons);
            }
            reasons.forEach(reason -> console.error(Printable.line(reason)));
            console.out().println(ModelTable.megabytes(freed) + " freed");
            return reasons.isEmpty() ? ExitCode.DONE : ExitCode.SOME_INPUTS_FAILED;
        }

        private List<CacheEntry> named(List<CacheEntry> entries) {
            for (String name : names) {
                if (entries.stream().noneMatch(entry -> entry.isMeantBy(name))) {
                    throw new UsageException("nothing is kept under the name " + name + ": see 'cache list'");
                }
            }
            return entries.stream()
                    .filter(entry -> names.stream().anyMatch(entry::isMeantBy))
                    .toList();
        }

        private boolean agreed(List<CacheEntry> entries) {
            if (!console.errIsTerminal() || System.console() == null) {
                throw new UsageException("nobody is here to be asked: say what to remove, or --all");
            }
            String answer = System.console()
                    .readLine(
                            "Remove %s, %s, from %s? [y/N] ",
                            entries(entries.size()),
                            ModelTable.megabytes(bytes(entries)),
                            Printable.line(UserCache.folder().toString()));
            return answer != null && answer.strip().equalsIgnoreCase("y");
        }
    }
}
