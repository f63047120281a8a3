package org.stegokernels.weights.pytorch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An object of a Python class that is not known here: what the file says about it, and nothing that acts. Equality is
 * identity: a hostile graph of objects can't make a comparison take forever.
 */
final class PythonObject {
    private final String className;
    private Object state;
    /** Its items if it is a kind of dictionary or list; made when there is one. */
    private Map<Object, Object> items;

    private List<Object> elements;

    PythonObject(String className) {
        this.className = className;
    }

    String className() {
        return className;
    }

    /** Returns the argument of its {@code __setstate__}, or its {@code __dict__}; null if there is none. */
    Object state() {
        return state;
    }

    void state(Object value) {
        state = value;
    }

    Map<Object, Object> items() {
        if (items == null) {
            items = new LinkedHashMap<>();
        }
        return items;
    }

    List<Object> elements() {
        if (elements == null) {
            elements = new ArrayList<>();
        }
        return elements;
    }
}
