package org.stegokernels.serve;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.stegokernels.serve.Labelling.Labels;

/** The addresses below {@code /workbench} that the page asks: photographs, their vectors and labels, the classes, saving. */
final class BoardApi {
    private static final String PHOTOGRAPH = "/workbench/photographs/{id}";
    private static final String OCTETS = "application/octet-stream";
    private static final int LONGEST_SIDE = 2048;
    private static final int USUAL_SIDE = 1024;
    private static final int MOST_TYPICAL = 200;
    private static final int USUAL_TYPICAL = 12;
    private static final int COLOR_LENGTH = 7;
    private static final int HEXADECIMAL = 16;
    private static final int CHUNK_BYTES = 1 << 16;

    private final Board board;

    BoardApi(Board board) {
        this.board = board;
    }

    void addTo(Routes routes) {
        routes.add("GET", "/workbench/state", this::state);
        routes.add("POST", "/workbench/photographs", this::upload);
        routes.add("DELETE", PHOTOGRAPH, this::remove);
        routes.add("GET", PHOTOGRAPH + "/image", this::image);
        routes.add("GET", PHOTOGRAPH + "/vectors", this::vectors);
        routes.add("GET", PHOTOGRAPH + "/labels", this::labels);
        routes.add("POST", "/workbench/board", this::change);
        routes.add("GET", "/workbench/atlas", this::atlas);
        routes.add("POST", "/workbench/save", this::save);
        routes.add("POST", "/workbench/export", this::export);
        routes.add("GET", "/workbench/model.safetensors", this::download);
    }

    private void state(Exchange exchange) throws IOException {
        Board.Settings settings = board.settings();
        History.View view = board.view();
        List<Photograph> photographs = board.photographs().all();
        exchange.json(200, json -> {
            json.beginObject("model");
            json.field("name", settings.modelName());
            json.field("vectors", settings.model().head().isPresent() ? "code" : "features");
            json.field("width", settings.model().codeWidth());
            json.field("patch", settings.model().backbone().patch());
            json.field("size", settings.options().size());
            json.endObject();
            json.field("out", settings.out().toString());
            json.field("formats", (Object) Saving.formats());
            json.beginObject("board");
            view.write(json);
            json.endObject();
            json.beginList("photographs");
            for (Photograph photograph : photographs) {
                json.beginObject();
                photograph.write(json);
                json.endObject();
            }
            json.endList();
        });
    }

    private void upload(Exchange exchange) throws IOException {
        String name = exchange.parameter("name");
        Photograph added = board.upload(name, exchange.body(exchange.largestBody()));
        exchange.json(201, added::write);
    }

    private void remove(Exchange exchange) throws IOException {
        board.remove(exchange.id("id"));
        exchange.empty();
    }

    private Photograph photograph(Exchange exchange) {
        return board.photographs().get(exchange.id("id"));
    }

    private void image(Exchange exchange) throws IOException {
        int side = exchange.number("side", 1, LONGEST_SIDE, USUAL_SIDE);
        exchange.bytes(200, "image/jpeg", board.photographs().jpeg(photograph(exchange), side));
    }

    private void vectors(Exchange exchange) throws IOException {
        Photograph photograph = photograph(exchange);
        String of = exchange.parameter("of");
        if (of != null && !of.equals("code") && !of.equals("features")) {
            throw new Problem(400, "The parameter of is code or features.");
        }
        byte[] vectors = board.photographs().vectors(photograph, "features".equals(of));
        Photograph.Encoded encoded = photograph.ready();
        exchange.set("X-Rows", String.valueOf(encoded.rows()));
        exchange.set("X-Columns", String.valueOf(encoded.columns()));
        exchange.set("X-Width", String.valueOf(vectors.length / Short.BYTES / encoded.patches()));
        exchange.bytesAsTheyAre(OCTETS, vectors);
    }

    private void labels(Exchange exchange) throws IOException {
        int generation = exchange.number("generation", 0, Integer.MAX_VALUE);
        Labeller.Answer answer = board.labels(exchange.id("id"), generation);
        Labels labels = answer.labels();
        byte[] bytes = new byte[labels.bytes()];
        System.arraycopy(labels.candidates(), 0, bytes, 0, labels.candidates().length);
        System.arraycopy(labels.confidence(), 0, bytes, labels.candidates().length, labels.confidence().length);
        exchange.set("X-Width", String.valueOf(labels.width()));
        exchange.set("X-Height", String.valueOf(labels.height()));
        exchange.set("X-Generation", String.valueOf(generation));
        exchange.set("X-Refined", String.valueOf(answer.refined()));
        exchange.bytes(200, OCTETS, bytes);
    }

    private void change(Exchange exchange) throws IOException {
        Request request = new Request(exchange.json());
        String what = request.text("do");
        History.View view = switch (what) {
            case "rename" -> {
                int id = request.number("class");
                String name = request.text("name");
                yield board.history().change(before -> before.renamed(id, name));
            }
            case "recolor" -> {
                int id = request.number("class");
                int rgb = request.color("color");
                yield board.history().change(before -> before.recolored(id, rgb));
            }
            case "merge" -> {
                List<Integer> ids = request.numbers("classes");
                String name = request.has("name") ? request.text("name") : null;
                yield board.history().change(before -> before.merged(ids, name));
            }
            case "split" -> board.split(request.number("class"), request.number("into"));
            case "clusters" -> board.clusters(request.number("k"));
            case "teach" -> board.teach(request.strokes());
            case "undo" -> board.history().undo();
            case "redo" -> board.history().redo();
            default ->
                throw new Problem(400, "What to do is rename, recolor, merge, split, clusters, teach, undo or redo.");
        };
        exchange.json(200, view::write);
    }

    private void atlas(Exchange exchange) throws IOException {
        int id = exchange.number("class", 0, Integer.MAX_VALUE);
        int count = exchange.number("count", 1, MOST_TYPICAL, USUAL_TYPICAL);
        List<Atlas.Typical> patches = board.atlas(id, count);
        exchange.json(200, json -> {
            json.beginList("patches");
            for (Atlas.Typical patch : patches) {
                json.beginObject();
                json.field("photograph", patch.photograph());
                json.field("row", patch.row());
                json.field("column", patch.column());
                json.field("similarity", patch.similarity());
                json.endObject();
            }
            json.endList();
        });
    }

    private void save(Exchange exchange) throws IOException {
        String name = new Request(exchange.json()).text("name");
        String path = board.saving().save(board.view().classes(), name).toString();
        exchange.json(200, json -> {
            json.field("path", path);
            json.field("command", "stego-kernels segment PHOTOS -m " + quoted(path) + " -o masks/");
        });
    }

    /** Returns a path as a shell takes it. */
    private static String quoted(String path) {
        return path.matches("[\\w./-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
    }

    private void export(Exchange exchange) throws IOException {
        List<String> formats = new Request(exchange.json()).texts("formats");
        Saving.Exported exported = board.saving()
                .export(board.view().classes(), formats, board.settings().modelName());
        exchange.json(200, json -> {
            json.field("path", exported.folder().toString());
            json.field("files", exported.files());
            json.field("failures", (Object) exported.failures());
        });
    }

    private void download(Exchange exchange) throws IOException {
        ClassBoard classes = board.view().classes();
        board.saving().write(classes, () -> {
            exchange.set("Content-Disposition", "attachment; filename=\"model.safetensors\"");
            exchange.begin(OCTETS);
            return new Parts(exchange);
        });
    }

    /** A stream into the parts of an answer. */
    private static final class Parts extends OutputStream {
        private final Exchange exchange;

        Parts(Exchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void write(int value) throws IOException {
            exchange.send(new byte[] {(byte) value});
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            exchange.send(Arrays.copyOfRange(bytes, offset, offset + length));
        }
    }

    /** The fields of a request's body. */
    private record Request(Map<?, ?> fields) {
        private static Problem wrong(String name, String wanted) {
            return new Problem(400, "The field \"" + name + "\" must be " + wanted + ".");
        }

        boolean has(String name) {
            return fields.get(name) != null;
        }

        String text(String name) {
            if (fields.get(name) instanceof String text) {
                return text;
            }
            throw wrong(name, "a text");
        }

        int number(String name) {
            if (fields.get(name) instanceof Integer number) {
                return number;
            }
            throw wrong(name, "a whole number");
        }

        private List<?> list(String name, String wanted) {
            if (fields.get(name) instanceof List<?> list) {
                return list;
            }
            throw wrong(name, wanted);
        }

        List<Integer> numbers(String name) {
            String wanted = "a list of whole numbers";
            List<Integer> numbers = new ArrayList<>();
            for (Object each : list(name, wanted)) {
                if (!(each instanceof Integer number)) {
                    throw wrong(name, wanted);
                }
                numbers.add(number);
            }
            return numbers;
        }

        List<String> texts(String name) {
            String wanted = "a list of texts";
            List<String> texts = new ArrayList<>();
            for (Object each : list(name, wanted)) {
                if (!(each instanceof String text)) {
                    throw wrong(name, wanted);
                }
                texts.add(text);
            }
            return texts;
        }

        /** Returns {@code 0xRRGGBB}. */
        int color(String name) {
            String text = text(name);
            boolean fits = text.length() == COLOR_LENGTH && text.charAt(0) == '#';
            for (int i = 1; fits && i < COLOR_LENGTH; i++) {
                fits = text.charAt(i) < 0x80 && Character.digit(text.charAt(i), HEXADECIMAL) >= 0;
            }
            if (!fits) {
                throw wrong(name, "a colour as #808080");
            }
            return Integer.parseInt(text.substring(1), HEXADECIMAL);
        }

        List<Lesson.Said> strokes() {
            List<Lesson.Said> strokes = new ArrayList<>();
            for (Object each : list("strokes", "a list of strokes")) {
                if (!(each instanceof Map<?, ?> map)) {
                    throw wrong("strokes", "a list of strokes");
                }
                Request stroke = new Request(map);
                int[] patches = stroke.numbers("patches").stream()
                        .mapToInt(Integer::intValue)
                        .toArray();
                if (patches.length == 0) {
                    throw wrong("patches", "a list of one patch or more");
                }
                Object of = map.get("class");
                if (!(of instanceof Integer) && !(of instanceof String)) {
                    throw wrong("class", "the id of a class, or a new name");
                }
                if (!(map.get("is") instanceof Boolean is)) {
                    throw wrong("is", "true or false");
                }
                strokes.add(new Lesson.Said(
                        stroke.number("photograph"),
                        patches,
                        of instanceof Integer id ? id : null,
                        of instanceof String name ? name : null,
                        is));
            }
            return strokes;
        }
    }
}
