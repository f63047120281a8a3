package org.stegokernels.serve;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.stegokernels.device.Device;
import org.stegokernels.device.DeviceException;
import org.stegokernels.image.ImageException;
import org.stegokernels.image.ImageReader;
import org.stegokernels.image.RgbImage;
import org.stegokernels.io.FileErrors;
import org.stegokernels.serve.ClassBoard.BoardClass;
import org.stegokernels.stego.ModelFile;
import org.stegokernels.stego.Segmentation.ClassInfo;
import org.stegokernels.stego.Segmenter;
import org.stegokernels.stego.Stego;
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
    private final History history;
    private final Labeller labeller;
    private final AtomicInteger generations = new AtomicInteger();

    /**
     * Parts of a board.
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

    private Board(Settings settings, Events events) throws IOException {
        this.settings = settings;
        this.model = settings.model();
        this.device = model.device();
        this.events = events;
        ClassBoard first = model.probes().isEmpty() ? ClassBoard.empty() : ofModel();
        turns = new Turns(device);
        photographs = new Photographs(settings.limits(), model.codeWidth());
        encoder = new Encoder(model, settings.options(), turns);
        saving = new Saving(model, settings.options(), settings.out(), photographs, turns);
        history = new History(first, device, turns, photographs, events);
        labeller = new Labeller(model, settings.options(), turns, photographs, history, events);
        background = new Background(this::encode, labeller::refine);
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
        Candidates candidates = Candidates.of(model, generations.incrementAndGet());
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

    /** Returns the order in which works have the device. */
    Turns turns() {
        return turns;
    }

    /** Returns the board as it is now. */
    History.View view() {
        return history.view();
    }

    /** Returns the states of the classes. */
    History history() {
        return history;
    }

    /** Finds k clusters in place of all classes. */
    History.View clusters(int k) throws IOException {
        return history.change(before -> {
            Grouping grouping = grouping();
            return turns.now(() -> grouping.clusters(before, k, generations.incrementAndGet()));
        });
    }

    /** Splits a class into parts. */
    History.View split(int id, int into) throws IOException {
        return history.change(before -> {
            before.get(id);
            Grouping grouping = grouping();
            return turns.now(() -> grouping.split(before, id, into, generations.incrementAndGet()));
        });
    }

    private Grouping grouping() throws IOException {
        float alpha = ModelFile.alphaOfClusters(model, model.head().isPresent());
        return new Grouping(device, model.codeWidth(), photographs.sample(), alpha);
    }

    /** Teaches classes by strokes, and adds those that are new. */
    History.View teach(List<Lesson.Said> said) throws IOException {
        return history.change(before -> {
            if (before.candidates() == null) {
                throw new Problem(409, "There are no classes yet.");
            }
            if (said.isEmpty()) {
                throw new Problem(422, "To teach takes a stroke.");
            }
            Lesson lesson = new Lesson(before, photographs, model.codeWidth());
            for (Lesson.Said each : said) {
                lesson.add(each);
            }
            lesson.requireExamples();
            float[] sample = photographs.sample();
            Candidates old = before.candidates();
            Teaching teaching = new Teaching(device, model.codeWidth());
            Teaching.Taught taught = turns.now(() -> teaching.teach(old, before.classOf(), sample, lesson.strokes()));
            Candidates candidates =
                    Candidates.of(taught.probe(), generations.incrementAndGet(), Candidates.Source.TAUGHT, old.alpha());
            return before.changed(candidates, lesson.classes(), taught.classOf(), lesson.strokes(), "Teach");
        });
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
        labeller.forget(id);
        tellProgress();
        history.show();
    }

    /** Returns the labels of a photograph, as {@link Labeller#labels}. */
    Labeller.Answer labels(int id, int generation) throws IOException {
        return labeller.labels(id, generation, background::refine);
    }

    /** Returns the most typical patches of a class. */
    List<Atlas.Typical> atlas(int id, int count) throws IOException {
        return Atlas.of(turns, device, photographs, view().classes(), id, count);
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
            if (!photographs.keep(photograph, image, vectors.working(), vectors.codes(), vectors.features())) {
                return;
            }
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
            if (last && ready > 0 && view().classes().candidates() == null) {
                findFirst();
            } else if (last || ready < PHOTOGRAPHS_A_SHARE || ready % PHOTOGRAPHS_A_SHARE == 0) {
                history.show();
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
            labeller.close();
        }
        try {
            photographs.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the temporary file can't be closed", e);
        }
    }
}
