package org.stegokernels.cli;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.stegokernels.registry.ModelRegistry;
import org.stegokernels.registry.ModelRegistry.ModelStore;
import org.stegokernels.registry.ModelRegistry.RegisteredModel;
import org.stegokernels.text.JsonWriter;
import org.stegokernels.text.Printable;
import org.stegokernels.weights.DemoModel;

/** The models that have a name, and how much of each is here. */
record ModelTable(List<RegisteredModel> models, ModelStore store) {
    static ModelTable load() throws IOException {
        return new ModelTable(ModelRegistry.load().models(), ModelStore.ofUser());
    }

    /** As JSON. */
    void write(JsonWriter json) throws IOException {
        json.beginList("models");
        for (RegisteredModel model : models) {
            json.beginObject();
            json.field("name", model.name());
            json.field("title", model.title());
            json.field("kind", kind(model));
            json.field("purpose", model.purpose());
            json.field("licence", model.licence());
            json.field("state", state(model));
            if (bytes(model) > 0) {
                json.field("approximateBytes", bytes(model));
            }
            if (!model.embedded()) {
                json.field("url", model.url().toString());
                if (model.gated()) {
                    json.field("gate", model.gate().toString());
                }
                json.field("path", store.path(model.name()).toString());
            }
            json.endObject();
        }
        json.endList();
    }

    /** Prints a table for people. */
    void print(Console console) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("name", "kind", "licence", "size", "state", "for"));
        for (RegisteredModel model : models) {
            String size = bytes(model) == 0 ? "" : megabytes(bytes(model));
            rows.add(List.of(model.name(), kind(model), model.licence(), size, state(model), model.purpose()));
        }
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
            }
            console.out().println(Printable.line(line.toString().stripTrailing()));
        }
        Set<URI> gates = new LinkedHashSet<>();
        models.stream().filter(RegisteredModel::gated).forEach(model -> gates.add(model.gate()));
        gates.forEach(gate -> console.out()
                .println(Printable.line("gated: their authors give them to those who accept the licence at " + gate)));
    }

    private static String kind(RegisteredModel model) {
        return model.kind().name().toLowerCase(Locale.ROOT);
    }

    private String state(RegisteredModel model) {
        return switch (store.state(model)) {
            case EMBEDDED -> DemoModel.bytes() > 0 ? "embedded" : "not in this build";
            case HERE -> "here";
            case PARTLY -> "partly pulled";
            case ABSENT -> model.gated() ? "gated" : "not pulled";
        };
    }

    /** Returns the length of a model's file; 0 if it is not known. */
    private static long bytes(RegisteredModel model) {
        return model.embedded() ? DemoModel.bytes() : model.size().orElse(0);
    }

    /** Returns {@code 87 MB}. */
    static String megabytes(long bytes) {
        return String.format(Locale.ROOT, bytes < 10_000_000 ? "%.1f MB" : "%.0f MB", bytes / 1e6);
    }
}
