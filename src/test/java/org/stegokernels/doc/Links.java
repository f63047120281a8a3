package org.stegokernels.doc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The links between pages of the site, and from them to the Javadoc. */
public final class Links {
    private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"]*)\"");
    private static final Pattern ANCHOR = Pattern.compile("\\bid=\"([^\"]*)\"");
    private static final Pattern NETWORK = Pattern.compile("[a-z]+:.*");

    private Links() {}

    /**
     * Checks the links from the site's pages to the Javadoc beside them, in the folder that is named.
     *
     * @throws IOException if one leads nowhere; the message names all
     */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        List<String> dead = dead(Site.render(), target -> Files.exists(folder.resolve(target)));
        if (!dead.isEmpty()) {
            throw new IOException("links that lead nowhere: " + dead);
        }
    }

    /**
     * Returns the links that lead nowhere, as {@code PAGE -> LINK}.
     *
     * @param site all files by their place
     * @param hasApi whether there is a page of the Javadoc, by its place
     */
    static List<String> dead(Map<String, byte[]> site, Predicate<String> hasApi) {
        Map<String, Set<String>> anchors = new HashMap<>();
        Map<String, List<String>> links = new HashMap<>();
        site.forEach((place, bytes) -> {
            String text = place.endsWith(".html") ? new String(bytes, StandardCharsets.UTF_8) : "";
            anchors.put(place, new HashSet<>(all(ANCHOR, text)));
            links.put(place, all(LINK, text));
        });
        List<String> dead = new ArrayList<>();
        links.forEach((page, targets) -> targets.stream()
                .filter(link -> !NETWORK.matcher(link).matches())
                .filter(link -> !leads(page, link, anchors, hasApi))
                .map(link -> page + " -> " + link)
                .sorted()
                .forEach(dead::add));
        return dead;
    }

    private static boolean leads(String page, String link, Map<String, Set<String>> anchors, Predicate<String> hasApi) {
        String[] parts = link.split("#", 2);
        String target = parts[0].isEmpty()
                ? page
                : Path.of(page).resolveSibling(parts[0]).normalize().toString().replace('\\', '/');
        if (target.startsWith(Site.API)) {
            return hasApi.test(target);
        }
        return anchors.containsKey(target)
                && (parts.length == 1 || anchors.get(target).contains(parts[1]));
    }

    private static List<String> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(match -> match.group(1)).toList();
    }
}
