package org.stegokernels.serve;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.stegokernels.text.JsonWriter;

/**
 * The handlers of requests, by method and path. A path is written as {@code /workbench/photographs/{id}/image}, where a
 * word in braces stands for any one part, which {@link Exchange#part} returns. Filled before the server starts.
 */
final class Routes {
    private final List<Route> all = new ArrayList<>();

    /** Answers one kind of request. */
    @FunctionalInterface
    interface Handler {
        /**
         * Answers by one call of {@link Exchange#json(int, JsonWriter.Fields)}, {@link Exchange#bytes} or {@link
         * Exchange#empty}.
         *
         * @throws Problem for an answer that says what is wrong
         * @throws IOException if the client has gone
         */
        void handle(Exchange exchange) throws IOException;
    }

    /** @param parts of the path; those in braces match anything */
    record Route(String method, String path, List<String> parts, Handler handler) {
        private static final String BRACE = "{";

        boolean matches(List<String> asked) {
            boolean equal = asked.size() == parts.size();
            for (int i = 0; equal && i < parts.size(); i++) {
                equal = parts.get(i).startsWith(BRACE) || parts.get(i).equals(asked.get(i));
            }
            return equal;
        }

        /** Returns the place of a part in braces. */
        int place(String name) {
            int place = parts.indexOf(BRACE + name + "}");
            if (place < 0) {
                throw new IllegalArgumentException(path + " has no {" + name + "}");
            }
            return place;
        }
    }

    /** Adds a handler; one of {@code GET} is asked for {@code HEAD}, too. */
    void add(String method, String path, Handler handler) {
        all.add(new Route(method, path, parts(path), handler));
    }

    /** Returns the parts of a path between its slashes. */
    static List<String> parts(String path) {
        return List.of(path.substring(1).split("/", -1));
    }

    /**
     * Finds the route of a request.
     *
     * @throws Problem if there is none: 404, or 405 where the path is one of another method
     */
    Route find(String method, List<String> parts) {
        String asked = method.equals("HEAD") ? "GET" : method;
        TreeSet<String> others = new TreeSet<>();
        for (Route route : all) {
            if (route.matches(parts)) {
                if (route.method().equals(asked)) {
                    return route;
                }
                others.add(route.method());
            }
        }
        if (others.isEmpty()) {
            throw new Problem(404, "There is nothing at this address.");
        }
        throw new Problem(405, "This address takes " + String.join(" or ", others) + ".")
                .with("Allow", String.join(", ", others));
    }
}
