package org.stegokernels.weights.pytorch;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.stegokernels.text.Printable;
import org.stegokernels.weights.ByteSource;
import org.stegokernels.weights.ModelException;
import org.stegokernels.weights.TensorIndex.TensorSource;
import org.stegokernels.weights.TypedTensor;

/**
 * A file of {@code torch.save}, open for reading: the zip archive of PyTorch 1.6 and later, or the row of pickles from
 * before. The dictionaries in it become one, whose names are joined by dots: {@code teacher.backbone.cls_token}. Values
 * are memory-mapped tensor by tensor as they are asked for.
 *
 * <p>Nothing in it is believed. No code of the file runs and no class is loaded: what is unknown becomes inert, calls
 * of unknown functions are refused by name. The pickle is read in linear time and may make objects of no more than
 * twice the file's size (4 MiB for small files, 256 MiB for large ones). Whatever is wrong is a {@link ModelException}.
 *
 * <p>Formats: torch/serialization.py of PyTorch.
 */
public final class PyTorchCheckpoint implements TensorSource {
    private static final BigInteger LEGACY_MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long LEGACY_PROTOCOL = 1001;
    private static final int PICKLE_PROTOCOL = 0x80;
    private static final int TAR_MAGIC_AT = 257;
    private static final byte[] TAR_MAGIC = {'u', 's', 't', 'a', 'r'};

    private static final long LEAST_BUDGET = 4L << 20;
    private static final long MOST_BUDGET = 256L << 20;
    /** The most that its tensors may take together, as a multiple of the file's length. */
    private static final int MOST_SHARING = 4;

    private static final int MAX_DEPTH = 5;
    private static final int MAX_TENSORS = 100_000;
    private static final int MAX_KEY = 1000;
    /** Bytes that a name takes besides its characters, and more than the time to look at an entry is worth. */
    private static final int NAME_COST = 128;

    private final ByteSource source;
    private final String format;
    private final Map<String, TensorStorage> storages = new LinkedHashMap<>();
    /** The places of storages that were found already. */
    private final Map<String, Long> begins = new TreeMap<>();

    private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    private final Map<?, ?> root;
    private final StorageReader reader;
    /** Null for the legacy format. */
    private final ZipIndex zip;

    private final String folder;
    private long budget;

    private PyTorchCheckpoint(ByteSource source) {
        this.source = source;
        budget = Math.max(LEAST_BUDGET, Math.min(MOST_BUDGET, 2 * source.size()));
        ByteOrder order = ByteOrder.LITTLE_ENDIAN;
        Object object;
        if (isZip(source)) {
            format = "PyTorch zip";
            zip = new ZipIndex(source);
            folder = folder(zip);
            object = unpickle(input(content("data.pkl")));
            order = byteOrder();
        } else {
            format = "PyTorch legacy";
            zip = null;
            folder = null;
            object = source.reading(null, this::readLegacy);
        }
        reader = new StorageReader(source, order);
        root = dictionary(object);
        collect("", root, 0);
        requirePlausibleSize();
    }

    /** Returns whether a file looks like one of {@code torch.save}, intact or not. */
    public static boolean isOne(ByteSource source) {
        boolean pickle = source.size() > 2
                && source.reading(
                                null,
                                () -> Byte.toUnsignedInt(source.window(0, 1).get(0)))
                        == PICKLE_PROTOCOL;
        return pickle || isZip(source) || isTar(source);
    }

    /**
     * Reads the pickle of an open source, which belongs to the result from then on, also if this fails.
     *
     * @throws ModelException if it is damaged, hostile, or not a dictionary of tensors
     */
    public static PyTorchCheckpoint of(ByteSource source) {
        try {
            if (isTar(source)) {
                throw new ModelException(
                        source.name(),
                        null,
                        "it is in PyTorch's format of before 2017 (tar)",
                        "Load it with PyTorch and save it again.");
            }
            return new PyTorchCheckpoint(source);
        } catch (ModelException e) {
            source.closeAfter(e);
            throw e;
        }
    }

    static ModelException damaged(String file, String reason, Throwable cause) {
        return new ModelException(
                file, null, reason, "The file is damaged or not a PyTorch checkpoint: fetch it again.", cause);
    }

    private static boolean isZip(ByteSource source) {
        return source.size() > Integer.BYTES
                && source.reading(
                                null,
                                () -> source.window(0, Integer.BYTES)
                                        .order(ByteOrder.LITTLE_ENDIAN)
                                        .getInt())
                        == ZipIndex.LOCAL_HEADER;
    }

    private static boolean isTar(ByteSource source) {
        return source.size() > TAR_MAGIC_AT + TAR_MAGIC.length
                && source.reading(
                        null,
                        () -> source.window(TAR_MAGIC_AT, TAR_MAGIC.length).equals(ByteBuffer.wrap(TAR_MAGIC)));
    }

    private static String folder(ZipIndex zip) {
        String first = zip.first() == null ? "" : zip.first();
        return first.substring(0, first.indexOf('/') + 1);
    }

    /** Returns an entry of the zip archive. */
    private ByteBuffer content(String name) {
        ZipIndex.Entry entry = zip.entry(folder + name);
        if (entry == null) {
            throw new ModelException(
                    source.name(), null, "it is a zip archive without " + name, "Give a file that torch.save wrote.");
        }
        if (zip.entry(folder + "constants.pkl") != null) {
            throw new ModelException(
                    source.name(),
                    null,
                    "it is a TorchScript program, not a checkpoint",
                    "Load it with PyTorch and save its state_dict: torch.save(module.state_dict(), ...).");
        }
        long begin = zip.begin(folder + name, entry);
        if (entry.bytes() > Integer.MAX_VALUE) {
            throw damaged(source.name(), "its " + name + " has " + entry.bytes() + " bytes", null);
        }
        return source.reading(null, () -> source.window(begin, (int) entry.bytes()));
    }

    /**
     * Reads the byte order. PyTorch writes it since 2.1; before that, only machines that are little endian were in use.
     */
    private ByteOrder byteOrder() {
        if (zip.entry(folder + "byteorder") == null) {
            return ByteOrder.LITTLE_ENDIAN;
        }
        ByteBuffer text = content("byteorder");
        if (text.equals(ByteBuffer.wrap(new byte[] {'b', 'i', 'g'}))) {
            return ByteOrder.BIG_ENDIAN;
        }
        if (text.equals(ByteBuffer.wrap(new byte[] {'l', 'i', 't', 't', 'l', 'e'}))) {
            return ByteOrder.LITTLE_ENDIAN;
        }
        throw damaged(source.name(), "its byteorder is neither little nor big", null);
    }

    private static PickleInput input(ByteBuffer bytes) {
        return new PickleInput(bytes.order(ByteOrder.LITTLE_ENDIAN));
    }

    private Object unpickle(PickleInput input) {
        CheckpointUnpickler unpickler = new CheckpointUnpickler(source.name(), input, budget, this::persistent);
        Object object = source.reading(null, unpickler::load);
        budget = unpickler.budget();
        return object;
    }

    /**
     * Reads magic number, protocol, facts about the machine, the object, the keys of the storages, and the storages:
     * for each the number of its elements and the elements, little endian on every machine.
     */
    private Object readLegacy() throws IOException {
        PickleInput input = input(source.window(0, (int) Math.min(Integer.MAX_VALUE, source.size())));
        if (!LEGACY_MAGIC.equals(unpickle(input))) {
            throw new ModelException(
                    source.name(), null, "it is a pickle, but not one of torch.save", "Give a PyTorch checkpoint.");
        }
        Object protocol = unpickle(input);
        if (!(protocol instanceof Number number && number.longValue() == LEGACY_PROTOCOL)) {
            throw damaged(source.name(), "its protocol is not " + LEGACY_PROTOCOL, null);
        }
        unpickle(input);
        Object object = unpickle(input);
        if (!(unpickle(input) instanceof List<?> keys)) {
            throw damaged(source.name(), "it has no list of storages", null);
        }
        long at = input.position();
        for (Object key : keys) {
            TensorStorage storage = key instanceof String text ? storages.get(text) : null;
            if (storage == null || storage.bytes() == 0 && storage.elements() > 0) {
                throw damaged(source.name(), "it lists a storage that no tensor has or whose type is unknown", null);
            }
            if (at > source.size() - Long.BYTES) {
                throw damaged(source.name(), "it was cut off before storage " + storage.key(), null);
            }
            long elements =
                    source.window(at, Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
            at += Long.BYTES;
            if (elements != storage.elements() || storage.bytes() > source.size() - at) {
                throw damaged(source.name(), "it was cut off, or is damaged, at storage " + storage.key(), null);
            }
            begins.put(storage.key(), at);
            at += storage.bytes();
        }
        return object;
    }

    /**
     * Reads {@code ("storage", class, key, device, elements)}; the legacy format has one more, null unless it is a
     * view.
     */
    private Object persistent(Object id) {
        if (!(id instanceof Object[] parts && parts.length > 0)) {
            throw damaged(source.name(), "its pickle names a storage in a way that makes no sense", null);
        }
        if ("module".equals(parts[0]) && parts.length > 1) {
            return parts[1];
        }
        boolean fits = "storage".equals(parts[0])
                && parts.length >= 5
                && parts[1] instanceof PythonName
                && parts[2] instanceof String key
                && key.length() <= MAX_KEY
                && (parts[4] instanceof Integer || parts[4] instanceof Long);
        if (!fits) {
            throw damaged(source.name(), "its pickle names a storage in a way that makes no sense", null);
        }
        if (parts.length > 5 && parts[5] != null) {
            throw new ModelException(
                    source.name(),
                    null,
                    "its storages are views of others, as PyTorch wrote them before 0.4",
                    "Load it with PyTorch and save it again.");
        }
        String typeName = ((PythonName) parts[1]).name();
        TensorStorage storage = new TensorStorage((String) parts[2], typeName, ((Number) parts[4]).longValue());
        if (storage.elements() < 0 || storage.elements() > source.size()) {
            throw damaged(source.name(), "storage " + storage.key() + " claims more elements than the file has", null);
        }
        TensorStorage known = storages.putIfAbsent(storage.key(), storage);
        if (known != null && !known.equals(storage)) {
            throw damaged(source.name(), "its pickle describes storage " + storage.key() + " in two ways", null);
        }
        return storage;
    }

    private Map<?, ?> dictionary(Object object) {
        if (object instanceof Map<?, ?> map) {
            return map;
        }
        String what = object instanceof PythonObject instance
                ? "a whole " + Printable.quoted(instance.className())
                : object instanceof StoredTensor ? "one tensor" : "something else";
        throw new ModelException(
                source.name(),
                null,
                "it is not a dictionary of tensors but " + what,
                "Load it with PyTorch and save its state_dict: torch.save(model.state_dict(), ...).");
    }

    /** Collects tensors. A dictionary may be reached in many ways, so what names take is taken from the budget, too. */
    private void collect(String prefix, Map<?, ?> map, int depth) {
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            budget -= NAME_COST;
            boolean named = entry.getKey() instanceof String key && prefix.length() + key.length() <= MAX_KEY;
            Object value = entry.getValue();
            if (named && (value instanceof StoredTensor || value instanceof Map)) {
                String name = prefix + entry.getKey();
                budget -= 2L * name.length();
                if (value instanceof StoredTensor tensor) {
                    tensors.put(name, tensor);
                } else if (depth < MAX_DEPTH) {
                    collect(name + ".", (Map<?, ?>) value, depth + 1);
                }
            }
            if (budget < 0 || tensors.size() > MAX_TENSORS) {
                throw damaged(source.name(), "it has more names than a file of this size should", null);
            }
        }
    }

    /**
     * Refuses a hostile size. Many views of one storage could be written as a file that is any number of times as long.
     */
    private void requirePlausibleSize() {
        long bytes = 0;
        for (StoredTensor tensor : tensors.values()) {
            if (tensor.refusal() == null) {
                bytes += (long) tensor.shape().size() * tensor.storage().type().bytes();
            }
        }
        if (bytes > MOST_SHARING * source.size() + LEAST_BUDGET) {
            throw damaged(
                    source.name(),
                    "its tensors share storages so much that they would take " + bytes + " bytes, of " + source.size()
                            + " in the file",
                    null);
        }
    }

    /** Returns {@code PyTorch zip} or {@code PyTorch legacy}. */
    public String format() {
        return format;
    }

    @Override
    public String name() {
        return source.name();
    }

    @Override
    public Map<String, String> metadata() {
        return Map.of();
    }

    @Override
    public Set<String> names() {
        return tensors.keySet();
    }

    @Override
    public Entry entry(String tensor) {
        StoredTensor found = readable(tensor);
        return new Entry(tensor, found.storage().type(), found.shape());
    }

    @Override
    public TypedTensor typed(String tensor) {
        StoredTensor found = readable(tensor);
        return reader.typed(tensor, found, begin(tensor, found.storage()));
    }

    private StoredTensor readable(String tensor) {
        StoredTensor found = tensors.get(tensor);
        if (found == null) {
            throw missing(tensor);
        }
        if (found.refusal() != null) {
            throw new ModelException(
                    name(), tensor, found.refusal(), "Load the file with PyTorch and save plain float tensors.");
        }
        return found;
    }

    private long begin(String tensor, TensorStorage storage) {
        return begins.computeIfAbsent(storage.key(), key -> {
            String entryName = folder + "data/" + key;
            ZipIndex.Entry entry = zip == null ? null : zip.entry(entryName);
            if (entry == null || entry.bytes() < storage.bytes()) {
                throw new ModelException(
                        name(),
                        tensor,
                        entry == null
                                ? "its storage " + key + " is not in the file"
                                : "its storage " + key + " has " + entry.bytes() + " bytes, wanted " + storage.bytes(),
                        "The file is damaged: fetch it again.");
            }
            return zip.begin(entryName, entry);
        });
    }

    /**
     * Returns the plain values that the file keeps under a key, as the settings of a training: strings, numbers and
     * truth values of its dictionaries, and of OmegaConf's, names joined by dots.
     *
     * @return empty if there are none
     */
    public Map<String, Object> settings(String key) {
        return Settings.of(root.get(key));
    }

    @Override
    public void close() {
        try {
            source.close();
        } catch (IOException e) {
            throw ByteSource.unreadable(name(), null, e);
        }
    }
}
