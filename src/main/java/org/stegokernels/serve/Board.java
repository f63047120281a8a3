package org.stegokernels.serve;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.RgbImage;
import org.stegokernels.io.FileErrors;
import org.stegokernels.serve.ClassBoard.BoardClass;
import org.stegokernels.serve.Labelling.Labels;
import org.stegokernels.stego.ModelFile;
import org.stegokernels.stego.PatchStore.Patches;
import org.stegokernels.stego.Segmentation.ClassInfo;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
import org.stegokernels.text.JsonWriter;
import org.stegokernels.vit.FiniteCheck.NotFiniteException;

/**
 * The photographs and the classes that a person works on. Photographs are encoded in the background, once; all else is
 * made of their codes. Safe for use from many threads: changes come one after the other, and what is there is read without
 * waiting for them.
 */
final class Board implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Board.class.getName());
    /** Clusters that are found where a model knows no classes. */
    private static final int FIRST_CLUSTERS = 8;
    /** Bytes of refined labels that are kept; what was asked for long ago is computed again. */
    private static final long MOST_LABELS = 128L << 20;
    /** Changes that can be undone. */
    private static final int MOST_CHANGES = 500;
    /** Patches of the strokes of one change. */
    private static final int MOST_TAUGHT = 10_000;
    /** The page hears of the shares of the classes after so many photographs. */
    private static final int PHOTOGRAPHS_A_SHARE = 10;

    private final Settings settings;
    private final Stego model;
    private final Device device;
    private final Events events;
    private final Turns turns;
    private final Photographs photographs;
    private final Encoder encoder;
    private final Background background;
    private final Saving saving;
    /** Held by one change at a time. */
    private final ReentrantLock changes = new ReentrantLock(true);

    private final List<ClassBoard> history = new ArrayList<>();
    private int at;
    private int generations;
    private int revision;
    private volatile View view;
    private Counts counts = new Counts(null, null, null);
    /** Used by whoever has the device. */
    private Labelling labelling;

    private final Map<Integer, Labels> refined = new LinkedHashMap<>(16, 0.75f, true);
    private long refinedBytes;
    private int refinedGeneration;

    /**
     * What a board is made of.
     *
     * @param model not closed by the board
     * @param modelName what it is called
     * @param out the only folder that is written to, when a person saves something
     * @param options of the segmentation; which probe is the model's
     */
    record Settings(
            Stego model,
            String modelName,
            Path out,
            List<Workbench.Photograph> photographs,
            ImageReader.Limits limits,
            Segmenter.Options options) {
        static Settings of(Workbench.Settings settings, Stego model) {
            return new Settings(
                    model,
                    settings.model(),
                    settings.out(),
                    settings.photographs(),
                    settings.limits(),
                    settings.options());
        }
    }

    /**
     * The board as it is seen at one moment.
     *
     * @param shares the part of all patches that each class has, in the order of the classes
     * @param undo what would be undone; null if nothing
     * @param redo what would be done again; null if nothing
     */
    record View(ClassBoard classes, int revision, double[] shares, String undo, String redo) {
        /** Writes the fields of the object that the page knows the board by. */
        void write(JsonWriter json) throws IOException {
            Candidates candidates = classes.candidates();
            boolean clusters = candidates != null && candidates.bias() == null;
            json.field("generation", classes.generation());
            json.field("revision", revision);
            json.field("clusters", clusters ? (Object) candidates.count() : null);
            json.field("canUndo", (Object) undo);
            json.field("canRedo", (Object) redo);
            Candidates.Source source = candidates == null ? Candidates.Source.MODEL : candidates.source();
            json.field("source", source.name().toLowerCase(Locale.ROOT));
            json.beginList("classes");
            for (int i = 0; i < classes.classes().size(); i++) {
                BoardClass each = classes.classes().get(i);
                json.beginObject();
                json.field("id", each.id());
                json.field("name", each.name());
                json.field("color", ClassBoard.hex(each.rgb()));
                json.field("share", shares[i]);
                json.endObject();
            }
            json.endList();
            json.field("classOf", (Object) classes.classOf());
        }
    }

    private Board(Settings settings, Events events) throws IOException {
        this.settings = settings;
        this.model = settings.model();
        this.device = model.device();
        this.events = events;
        turns = new Turns(device);
        photographs = new Photographs(settings.limits(), model.codeWidth());
        encoder = new Encoder(model, settings.options(), turns);
        saving = new Saving(model, settings.options(), settings.out(), photographs, turns);
        background = new Background(this::encode, this::refine);
        history.add(model.probes().isEmpty() ? ClassBoard.empty() : ofModel());
        view = new View(present(), revision, new double[present().classes().size()], null, null);
        for (Workbench.Photograph input : settings.photographs()) {
            background.encode(photographs.add(input.file(), input.name()).id());
        }
    }

    /**
     * Opens a board and begins to read its photographs.
     *
     * @throws IOException if no temporary file can be made
     * @throws Problem if the model has more clusters than the board tells apart
     */
    static Board open(Settings settings, Events events) throws IOException {
        Board board = new Board(settings, events);
        board.background.start();
        return board;
    }

    private ClassBoard ofModel() {
        Candidates candidates = Candidates.of(model, ++generations);
        List<ClassInfo> infos;
        try (Segmenter segmenter = Segmenter.of(model, settings.options().withProbe(candidates.probe()))) {
            infos = segmenter.classes();
        }
        List<BoardClass> classes = infos.stream()
                .map(each -> new BoardClass(each.id(), each.name(), each.rgb()))
                .toList();
        return new ClassBoard(candidates, classes, model.classOf(candidates.probe()), List.of(), "Open");
    }

    Settings settings() {
        return settings;
    }

    Photographs photographs() {
        return photographs;
    }

    /** Returns the board as it is now. */
    View view() {
        return view;
    }

    private ClassBoard present() {
        return history.get(at);
    }

    /** A change of the classes. */
    @FunctionalInterface
    interface Change {
        ClassBoard of(ClassBoard before) throws IOException;
    }

    /**
     * Changes the classes.
     *
     * @throws Problem if that can't be done; then nothing has changed
     */
    View change(Change change) throws IOException {
        changes.lock();
        try {
            ClassBoard next = change.of(present());
            history.subList(at + 1, history.size()).clear();
            history.add(next);
            if (history.size() > MOST_CHANGES) {
                history.remove(0);
            }
            return moveTo(history.size() - 1);
        } finally {
            changes.unlock();
        }
    }

    /** @throws Problem 409 if there is nothing to undo */
    View undo() throws IOException {
        return step(-1, "There is nothing to undo.");
    }

    /** @throws Problem 409 if there is nothing to do again */
    View redo() throws IOException {
        return step(1, "There is nothing to do again.");
    }

    private View step(int by, String problem) throws IOException {
        changes.lock();
        try {
            if (at + by < 0 || at + by >= history.size()) {
                throw new Problem(409, problem);
            }
            return moveTo(at + by);
        } finally {
            changes.unlock();
        }
    }

    private View moveTo(int place) throws IOException {
        int before = view.classes().generation();
        at = place;
        revision++;
        if (present().generation() != before) {
            background.forgetRefining();
        }
        return show();
    }

    /** Tells the page of the board as it is. */
    private View show() throws IOException {
        View shown = new View(
                present(),
                revision,
                shares(present()),
                at == 0 ? null : present().change(),
                at == history.size() - 1 ? null : history.get(at + 1).change());
        view = shown;
        events.send("board", shown::write);
        return shown;
    }

    private double[] shares(ClassBoard board) throws IOException {
        double[] shares = new double[board.classes().size()];
        float[] sample = photographs.sample();
        if (board.candidates() == null || sample.length == 0) {
            return shares;
        }
        if (counts.candidates() != board.candidates() || counts.sample() != sample) {
            float[] logits = turns.now(() -> board.candidates().logits(device, sample));
            int[] patches = new int[board.candidates().count()];
            for (int candidate : board.candidates().best(logits)) {
                patches[candidate]++;
            }
            counts = new Counts(board.candidates(), sample, patches);
        }
        int[] numbers = board.numbers();
        double all = (double) sample.length / model.codeWidth();
        for (int k = 0; k < numbers.length; k++) {
            shares[numbers[k]] += counts.patches()[k] / all;
        }
        return shares;
    }

    /** The number of patches of a sample that each candidate has. */
    private record Counts(Candidates candidates, float[] sample, int[] patches) {}

    /** Finds k clusters in place of all classes. */
    View clusters(int k) throws IOException {
        return change(before -> {
            Grouping grouping = grouping();
            return turns.now(() -> grouping.clusters(before, k, ++generations));
        });
    }

    /** Splits a class into parts. */
    View split(int id, int into) throws IOException {
        return change(before -> {
            before.get(id);
            Grouping grouping = grouping();
            return turns.now(() -> grouping.split(before, id, into, ++generations));
        });
    }

    private Grouping grouping() throws IOException {
        float alpha = ModelFile.alphaOfClusters(model, model.head().isPresent());
        return new Grouping(device, model.codeWidth(), photographs.sample(), alpha);
    }

    /**
     * What a person says about some patches.
     *
     * @param classId of a class that is there; null for a new one
     * @param className of a new class; null for one that is there
     * @param is false for "this is not"
     */
    record Said(int photograph, int[] patches, Integer classId, String className, boolean is) {}

    /** Teaches classes by strokes, and adds those that are new. */
    View teach(List<Said> said) throws IOException {
        return change(before -> {
            if (before.candidates() == null) {
                throw new Problem(409, "There are no classes yet.");
            }
            if (said.isEmpty()) {
                throw new Problem(422, "To teach takes a stroke.");
            }
            Lesson lesson = new Lesson(before);
            for (Said each : said) {
                lesson.add(each);
            }
            lesson.requireExamples();
            float[] sample = photographs.sample();
            Candidates old = before.candidates();
            Teaching teaching = new Teaching(device, model.codeWidth());
            Teaching.Taught taught = turns.now(() -> teaching.teach(old, before.classOf(), sample, lesson.strokes));
            Candidates candidates = taught.probe().candidates(++generations, Candidates.Source.TAUGHT, old.alpha());
            return before.changed(candidates, lesson.classes, taught.classOf(), lesson.strokes, "Teach");
        });
    }

    /** Strokes on their way into a board. */
    private final class Lesson {
        private final ClassBoard before;
        private final List<BoardClass> classes;
        private final List<Teaching.Stroke> strokes;
        private int rows;

        Lesson(ClassBoard before) {
            this.before = before;
            classes = new ArrayList<>(before.classes());
            strokes = new ArrayList<>(before.strokes());
        }

        void add(Said said) throws IOException {
            int id = said.classId() == null
                    ? named(said.className())
                    : before.get(said.classId()).id();
            Patches all = photographs.codes(photographs.get(said.photograph()));
            int channels = model.codeWidth();
            int count = all.rows() * all.columns();
            rows += said.patches().length;
            if (rows > MOST_TAUGHT) {
                throw new Problem(422, "More than " + MOST_TAUGHT + " patches are taught at once.");
            }
            float[] codes = new float[said.patches().length * channels];
            for (int i = 0; i < said.patches().length; i++) {
                int patch = said.patches()[i];
                if (patch < 0 || patch >= count) {
                    throw new Problem(
                            422,
                            "Photograph " + said.photograph() + " has the patches 0 to " + (count - 1) + ", not "
                                    + patch + ".");
                }
                System.arraycopy(all.values(), patch * channels, codes, i * channels, channels);
            }
            strokes.add(new Teaching.Stroke(id, said.is(), codes));
        }

        private int named(String name) {
            for (BoardClass each : classes) {
                if (each.name().equals(name.strip())) {
                    return each.id();
                }
            }
            int id = 1 + classes.stream().mapToInt(BoardClass::id).max().orElse(-1);
            classes.add(before.named(classes, id, name));
            return id;
        }

        private boolean isTaught(int id) {
            return strokes.stream().anyMatch(stroke -> stroke.is() && stroke.classId() == id);
        }

        void requireExamples() {
            for (BoardClass each : classes) {
                if (!before.classes().contains(each) && !isTaught(each.id())) {
                    throw new Problem(422, "The new class \"" + each.name() + "\" needs a stroke of what it is.");
                }
            }
        }
    }

    /** Reads a photograph that was dropped onto the board, soon. */
    Photograph upload(String name, byte[] bytes) throws IOException {
        Photograph added = photographs.upload(name, bytes);
        events.send("photograph", added::write);
        background.encode(added.id());
        return added;
    }

    /** Takes a photograph off the board. */
    void remove(int id) throws IOException {
        photographs.remove(id);
        forget(id);
        tellProgress();
        refreshShares();
    }

    private void refreshShares() throws IOException {
        changes.lock();
        try {
            show();
        } finally {
            changes.unlock();
        }
    }

    /**
     * Labels of a photograph.
     *
     * @param refined whether they come from the CRF; otherwise those will be made soon
     */
    record Answer(Labels labels, boolean refined) {}

    /**
     * Returns the labels of a photograph: refined ones if they are there, else quick ones.
     *
     * @throws Problem 409 if the generation is not the present one, or the photograph isn't ready
     */
    Answer labels(int id, int generation) throws IOException {
        ClassBoard board = view.classes();
        Photograph photograph = photographs.get(id);
        photograph.ready();
        requirePresent(board, generation);
        Labels kept = kept(id, generation);
        if (kept != null) {
            return new Answer(kept, true);
        }
        RgbImage working = photographs.working(photograph);
        Patches codes = photographs.codes(photograph);
        Labels quick = turns.now(() -> labelling(board.candidates()).label(working, codes, false));
        if (settings.options().crf()) {
            background.refine(id);
        } else {
            keep(photograph, quick, generation);
        }
        return new Answer(quick, !settings.options().crf());
    }

    private static void requirePresent(ClassBoard board, int generation) {
        if (board.candidates() == null) {
            throw new Problem(409, "There are no classes yet.");
        }
        if (generation != board.generation()) {
            throw new Problem(409, "Generation " + generation + " is not the present one, " + board.generation() + ".");
        }
    }

    /** Returns what labels by some candidates; for use while one has the device. */
    private Labelling labelling(Candidates candidates) {
        if (labelling == null || labelling.candidates() != candidates) {
            if (labelling != null) {
                labelling.close();
                labelling = null;
            }
            labelling = new Labelling(candidates, model, settings.options());
        }
        return labelling;
    }

    private Labels kept(int id, int generation) {
        synchronized (refined) {
            return generation == refinedGeneration ? refined.get(id) : null;
        }
    }

    private void keep(Photograph photograph, Labels labels, int generation) {
        synchronized (refined) {
            if (generation != refinedGeneration) {
                refined.clear();
                refinedBytes = 0;
                refinedGeneration = generation;
            }
            Labels old = refined.put(photograph.id(), labels);
            refinedBytes += labels.bytes() - (old == null ? 0 : old.bytes());
            photograph.refined(generation);
            while (refinedBytes > MOST_LABELS && refined.size() > 1) {
                forget(refined.keySet().iterator().next());
            }
        }
    }

    private void forget(int id) {
        synchronized (refined) {
            Labels old = refined.remove(id);
            refinedBytes -= old == null ? 0 : old.bytes();
        }
        for (Photograph each : photographs.all()) {
            if (each.id() == id) {
                each.refined(-1);
            }
        }
    }

    /** Returns the most typical patches of a class. */
    List<Atlas.Typical> atlas(int id, int count) throws IOException {
        return Atlas.of(turns, device, photographs, view.classes(), id, count);
    }

    Saving saving() {
        return saving;
    }

    private void encode(int id) {
        Photograph photograph;
        try {
            photograph = photographs.get(id);
        } catch (Problem gone) {
            return;
        }
        try {
            RgbImage image = photographs.read(photograph);
            Encoder.Vectors vectors = encoder.encode(image);
            photographs.keep(photograph, image, vectors.working(), vectors.codes(), vectors.features());
        } catch (ImageException | NotFiniteException | IOException | DeviceException | OutOfMemoryError e) {
            photograph.failed(e instanceof IOException io ? FileErrors.text(io) : String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, photograph.name(), e);
            photograph.failed(e.toString());
        }
        events.send("photograph", photograph::write);
        tellProgress();
        int ready = photographs.ready().size();
        boolean last = background.hasEncodedAll();
        try {
            if (last && ready > 0 && view.classes().candidates() == null) {
                findFirst();
            } else if (last || ready < PHOTOGRAPHS_A_SHARE || ready % PHOTOGRAPHS_A_SHARE == 0) {
                refreshShares();
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "the shares of the classes can't be counted", e);
        }
    }

    private void findFirst() throws IOException {
        int patches = photographs.sample().length / model.codeWidth();
        try {
            clusters(Math.min(FIRST_CLUSTERS, patches));
        } catch (Problem e) {
            LOG.log(System.Logger.Level.WARNING, "No clusters are found yet: {0}", e.getMessage());
        }
    }

    private void tellProgress() {
        List<Photograph> all = photographs.all();
        long failed = all.stream().filter(each -> each.error() != null).count();
        long waiting = all.stream().filter(Photograph::isWaiting).count();
        events.send("progress", json -> {
            json.field("done", all.size() - waiting);
            json.field("total", (long) all.size());
            json.field("failed", failed);
        });
    }

    private void refine(int id) {
        Candidates candidates = view.classes().candidates();
        try {
            Photograph photograph = photographs.get(id);
            if (candidates == null || kept(id, candidates.generation()) != null) {
                return;
            }
            RgbImage working = photographs.working(photograph);
            Patches codes = photographs.codes(photograph);
            Labels labels = turns.later(() -> labelling(candidates).label(working, codes, true));
            if (view.classes().candidates() == candidates) {
                keep(photograph, labels, candidates.generation());
                events.send("labels", json -> {
                    json.field("id", id);
                    json.field("generation", candidates.generation());
                });
            }
        } catch (Problem gone) {
            // Nobody waits for the labels of what has been taken off.
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "labels of photograph " + id + " can't be refined", e);
        }
    }

    /** Waits until all photographs are encoded and all labels that were asked for are refined. */
    void await() throws InterruptedException {
        background.await();
    }

    /** Ends the work in the background, after the photograph that it is at. */
    void stop() {
        background.close();
    }

    /** Ends the work in the background and frees all but the model. */
    @Override
    public void close() {
        stop();
        synchronized (device.monitor()) {
            encoder.close();
            if (labelling != null) {
                labelling.close();
                labelling = null;
            }
        }
        try {
            photographs.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the temporary file can't be closed", e);
        }
    }
}
