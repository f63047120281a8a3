package org.stegokernels.vit;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stegokernels.tensor.Tensor;

/**
 * Tensors of the last few sizes of image, so that images of changing size neither compute them again and again nor fill
 * the memory.
 */
final class RecentGrids implements AutoCloseable {
    private static final int KEPT = 4;

    private record Grid(int height, int width) {}

    private final Map<Grid, List<Tensor>> kept = new LinkedHashMap<>(2 * KEPT, 0.75f, true);

    /** Returns the tensors of a grid, or null if they are not kept. */
    List<Tensor> find(int height, int width) {
        return kept.get(new Grid(height, width));
    }

    /** Frees the tensors that were not asked for the longest, if there is no room for others. */
    void makeRoom() {
        if (kept.size() == KEPT) {
            Iterator<List<Tensor>> eldestFirst = kept.values().iterator();
            closeAll(eldestFirst.next());
            eldestFirst.remove();
        }
    }

    /** Keeps the tensors of a grid, which are freed with this. */
    void keep(int height, int width, List<Tensor> tensors) {
        kept.put(new Grid(height, width), tensors);
    }

    /** Frees tensors. */
    static void closeAll(List<Tensor> tensors) {
        for (Tensor tensor : tensors) {
            tensor.close();
        }
    }

    @Override
    public void close() {
        for (List<Tensor> tensors : kept.values()) {
            closeAll(tensors);
        }
        kept.clear();
    }
}
