package org.stegokernels.weights.pytorch;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Plain values in what a pickle gave. OmegaConf keeps the content of a dictionary in {@code _content} and a value in
 * {@code _val} (omegaconf/basecontainer.py, nodes.py).
 */
final class Settings {
    private static final int MAX_DEPTH = 6;
    private static final int MAX_VISITS = 10_000;
    private static final int MAX_NAME = 200;

    private final Map<String, Object> values = new LinkedHashMap<>();
    /** The nodes around the one that {@link #collect} visits: a node of OmegaConf refers to its parent. */
    private final Set<Map<?, ?>> open = Collections.newSetFromMap(new IdentityHashMap<>());

    private int visits;

    private Settings() {}

    /** Strings, numbers and truth values by name, those of dictionaries within joined by dots. */
    static Map<String, Object> of(Object value) {
        Settings settings = new Settings();
        settings.collect("", value, 0);
        return settings.values;
    }

    private void collect(String name, Object value, int depth) {
        Object plain = unwrapped(value);
        if (plain instanceof Map<?, ?> map && depth < MAX_DEPTH && open.add(map)) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                if (++visits > MAX_VISITS) {
                    return;
                }
                if (entry.getKey() instanceof String key && name.length() + key.length() < MAX_NAME) {
                    collect(name.isEmpty() ? key : name + "." + key, entry.getValue(), depth + 1);
                }
            }
            open.remove(map);
        } else if (plain instanceof String || plain instanceof Number || plain instanceof Boolean) {
            values.put(name, plain);
        }
    }

    private static Object unwrapped(Object value) {
        if (!(value instanceof PythonObject object)) {
            return value;
        }
        if (!(object.state() instanceof Map<?, ?> state)) {
            return object.items();
        }
        if (state.containsKey("_val")) {
            return state.get("_val");
        }
        return state.containsKey("_content") ? state.get("_content") : state;
    }
}
