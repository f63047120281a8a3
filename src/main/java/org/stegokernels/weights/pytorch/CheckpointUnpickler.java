package org.stegokernels.weights.pytorch;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;
import org.stegokernels.weights.ModelException;

/**
 * Reads one pickle of a checkpoint. Pyrolite does the opcodes for numbers, strings, tuples and the memo; before each of
 * them this class judges what it would cost, and it does those itself that refer to Python: a global is a {@link
 * PythonName}, an instance of an unknown class a {@link PythonObject}, and calling anything that {@link Rebuild}
 * doesn't know is refused by name. Keys of dictionaries are strings, numbers and the like, whose hash takes bounded
 * time.
 *
 * <p>Time is linear in the length of the pickle, memory is bounded by the budget, and nothing recurses.
 */
final class CheckpointUnpickler extends Unpickler {
    /** More than any opcode takes for itself, with the room that it needs on the stack and in its container. */
    private static final int OPCODE_COST = 128;
    /** More than a byte of a string takes while it is decoded and afterwards. */
    private static final int BYTE_COST = 8;
    /** The most bytes of names and old kinds of strings, which end with their line. */
    private static final int LONGEST_LINE = 1 << 16;
    /** Python's own limit for the digits of a number: reading them takes quadratic time. */
    private static final int LONGEST_NUMBER = 4300;

    private final String file;
    private final PickleInput input;
    private final Function<Object, Object> persistent;
    private final Rebuild rebuild;
    private long budget;
    private int opcodeAt;

    /**
     * @param file the name for messages
     * @param budget bytes of heap that the objects may take
     * @param persistent makes an object from a persistent id: a storage
     */
    CheckpointUnpickler(String file, PickleInput input, long budget, Function<Object, Object> persistent) {
        this.file = file;
        this.input = input;
        this.budget = budget;
        this.persistent = persistent;
        this.rebuild = new Rebuild(file);
    }

    /**
     * Reads the pickle.
     *
     * @return strings, numbers, truth values, lists (also for sets), arrays for tuples, maps, and what else this
     * package     has
     * @throws ModelException if it is damaged or hostile
     */
    Object load() {
        try {
            return load(input);
        } catch (ModelException e) {
            throw e;
        } catch (IOException | PickleException | BufferUnderflowException e) {
            throw damaged(e.getMessage() == null ? "it ends too early" : e.getMessage(), e);
        } catch (RuntimeException e) {
            // Pyrolite throws these for an empty stack, a wrong type or a bad number.
            throw damaged("an opcode finds something else than it needs", e);
        }
    }

    @Override
    protected Object dispatch(short opcode) throws IOException {
        opcodeAt = input.position() - 1;
        charge(OPCODE_COST);
        switch (opcode) {
            case Opcodes.GLOBAL -> {
                lines(2, LONGEST_LINE);
                stack.add(new PythonName(PickleUtils.readline(input) + "." + PickleUtils.readline(input)));
            }
            case Opcodes.STACK_GLOBAL -> {
                String name = (String) stack.pop();
                String module = (String) stack.pop();
                charge((long) BYTE_COST * (name.length() + module.length()));
                stack.add(new PythonName(module + "." + name));
            }
            case Opcodes.REDUCE -> {
                Object[] arguments = (Object[]) stack.pop();
                stack.add(rebuild.call(popName(), arguments));
            }
            case Opcodes.NEWOBJ -> {
                stack.pop();
                stack.add(new PythonObject(popName().name()));
            }
            case Opcodes.NEWOBJ_EX -> {
                stack.pop();
                stack.pop();
                stack.add(new PythonObject(popName().name()));
            }
            case Opcodes.BUILD -> build(stack.pop());
            case Opcodes.BINPERSID -> stack.add(persistent.apply(stack.pop()));
            case Opcodes.EMPTY_DICT -> stack.add(new LinkedHashMap<>());
            case Opcodes.EMPTY_SET -> stack.add(new ArrayList<>());
            case Opcodes.DICT -> {
                List<Object> pairs = stack.pop_all_since_marker();
                Map<Object, Object> map = new LinkedHashMap<>();
                putAll(map, pairs);
                stack.add(map);
            }
            case Opcodes.SETITEM -> {
                Object value = stack.pop();
                Object key = stack.pop();
                map(stack.peek()).put(key(key), value);
            }
            case Opcodes.SETITEMS -> {
                List<Object> pairs = stack.pop_all_since_marker();
                putAll(map(stack.peek()), pairs);
            }
            case Opcodes.APPEND -> {
                Object element = stack.pop();
                list(stack.peek()).add(element);
            }
            case Opcodes.APPENDS, Opcodes.ADDITEMS -> {
                List<Object> elements = stack.pop_all_since_marker();
                list(stack.peek()).addAll(elements);
            }
            case Opcodes.FROZENSET -> stack.add(stack.pop_all_since_marker());
            case Opcodes.POP_MARK -> stack.pop_all_since_marker();
            default -> {
                judge(opcode);
                return super.dispatch(opcode);
            }
        }
        return NO_RETURN_VALUE;
    }

    /** Refuses opcodes that checkpoints don't use, and lengths that the file doesn't have. */
    private void judge(short opcode) {
        switch (opcode) {
            case Opcodes.SHORT_BINSTRING, Opcodes.SHORT_BINBYTES, Opcodes.SHORT_BINUNICODE, Opcodes.LONG1 ->
                prefixed(1);
            case Opcodes.BINSTRING, Opcodes.BINBYTES, Opcodes.BINUNICODE, Opcodes.LONG4 -> prefixed(4);
            case Opcodes.BINBYTES8, Opcodes.BINUNICODE8, Opcodes.BYTEARRAY8 -> prefixed(8);
            case Opcodes.INT, Opcodes.LONG, Opcodes.FLOAT, Opcodes.GET, Opcodes.PUT -> lines(1, LONGEST_NUMBER);
            case Opcodes.STRING, Opcodes.UNICODE -> lines(1, LONGEST_LINE);
            case Opcodes.PROTO,
                    Opcodes.FRAME,
                    Opcodes.STOP,
                    Opcodes.MARK,
                    Opcodes.POP,
                    Opcodes.DUP,
                    Opcodes.NONE,
                    Opcodes.NEWTRUE,
                    Opcodes.NEWFALSE,
                    Opcodes.BININT,
                    Opcodes.BININT1,
                    Opcodes.BININT2,
                    Opcodes.BINFLOAT,
                    Opcodes.EMPTY_TUPLE,
                    Opcodes.TUPLE1,
                    Opcodes.TUPLE2,
                    Opcodes.TUPLE3,
                    Opcodes.TUPLE,
                    Opcodes.EMPTY_LIST,
                    Opcodes.LIST,
                    Opcodes.BINGET,
                    Opcodes.LONG_BINGET,
                    Opcodes.BINPUT,
                    Opcodes.LONG_BINPUT,
                    Opcodes.MEMOIZE -> {}
            default -> throw damaged("it has the opcode " + opcode + ", which checkpoints don't have", null);
        }
    }

    private void prefixed(int width) {
        long length = input.peekLength(width);
        if (length > input.remaining() - width) {
            throw damaged("something claims more bytes than there are", null);
        }
        charge(BYTE_COST * length);
    }

    private void lines(int count, int most) {
        int length = input.peekLines(count, most);
        if (length > most) {
            throw damaged("a name or number is longer than " + most + " bytes", null);
        }
        charge((long) BYTE_COST * length);
    }

    private void charge(long cost) {
        budget -= cost;
        if (budget < 0) {
            throw new ModelException(
                    file,
                    null,
                    "its pickle, at byte " + opcodeAt + ", makes more objects than a file of this size should",
                    "It is hostile, or no checkpoint of a model: save the model's state_dict alone.");
        }
    }

    /** Returns the bytes that another pickle of the same file may still have. */
    long budget() {
        return budget;
    }

    private PythonName popName() {
        Object top = stack.pop();
        if (top instanceof PythonName name) {
            return name;
        }
        throw damaged("something that is not a class or function is called", null);
    }

    private void build(Object state) {
        Object target = stack.peek();
        if (target instanceof PythonObject object) {
            object.state(state);
        } else if (!(target instanceof Map || target instanceof StoredTensor)) {
            // State of a dictionary, as PyTorch's _metadata, or of a parameter says nothing about the weights.
            throw damaged("something gets a state that can't have one", null);
        }
    }

    private void putAll(Map<Object, Object> map, List<Object> pairs) {
        for (int i = 0; i < pairs.size(); i += 2) {
            map.put(key(pairs.get(i)), pairs.get(i + 1));
        }
    }

    /** Returns a key, only what Python can hash too; and nothing whose hash code would look into it. */
    private Object key(Object key) {
        boolean plain = key == null
                || key instanceof String
                || key instanceof Number
                || key instanceof Boolean
                || key instanceof PythonName
                || key instanceof PythonObject
                || key instanceof Object[];
        if (!plain) {
            throw damaged(
                    "a dictionary has a key that is one of " + key.getClass().getSimpleName(), null);
        }
        return key;
    }

    @SuppressWarnings("unchecked")
    private Map<Object, Object> map(Object target) {
        return target instanceof PythonObject object ? object.items() : (Map<Object, Object>) target;
    }

    @SuppressWarnings("unchecked")
    private List<Object> list(Object target) {
        return target instanceof PythonObject object ? object.elements() : (List<Object>) target;
    }

    private ModelException damaged(String reason, Exception cause) {
        return PyTorchCheckpoint.damaged(file, "its pickle is damaged at byte " + opcodeAt + ": " + reason, cause);
    }
}
