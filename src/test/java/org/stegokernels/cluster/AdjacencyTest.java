package org.stegokernels.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.stegokernels.cluster.Clustering.Adjacency;

/** Merging of clusters against a plain computation of all links, and in images whose things are known. */
class AdjacencyTest {
    private static final int SIDE = 8;
    private static final int PATCHES = SIDE * SIDE;

    /** Returns cosines of 1 between patches of one thing, and of -0.2 between others. */
    private static float[] similarities(int[] things) {
        float[] cosines = new float[PATCHES * PATCHES];
        for (int p = 0; p < PATCHES; p++) {
            for (int q = 0; q < PATCHES; q++) {
                cosines[p * PATCHES + q] = things[p] == things[q] ? 1 : -0.2f;
            }
        }
        return cosines;
    }

    @Test
    void piecesOfOneThingAreMergedAndAThingThatLiesOnItIsNot() {
        int[] things = new int[PATCHES];
        int[] labels = new int[PATCHES];
        for (int patch = 0; patch < PATCHES; patch++) {
            int row = patch / SIDE;
            int column = patch % SIDE;
            boolean sky = row < 3;
            boolean car = row >= 5 && row < 7 && column >= 3 && column < 5;
            things[patch] = sky ? 0 : car ? 2 : 1;
            labels[patch] = sky ? column / 4 : car ? 5 : column < 3 ? 2 : column < 6 ? 3 : 4;
        }
        Adjacency adjacency = new Adjacency(6);
        adjacency.add(SIDE, SIDE, labels, similarities(things));
        assertThat(adjacency.merge(3)).containsExactly(0, 0, 1, 1, 1, 2);
        assertThat(adjacency.merge(6)).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(adjacency.merge(1)).containsOnly(0);
    }

    @Test
    void clustersThatNeverMeetAreMergedLast() {
        int[] left = new int[PATCHES];
        int[] right = new int[PATCHES];
        for (int patch = 0; patch < PATCHES; patch++) {
            left[patch] = patch % SIDE / 4;
            right[patch] = 2;
        }
        Adjacency adjacency = new Adjacency(3);
        adjacency.add(SIDE, SIDE, left, similarities(left));
        adjacency.add(SIDE, SIDE, right, similarities(right));
        assertThat(adjacency.merge(2)).containsExactly(0, 0, 1);
    }

    @Test
    void theMergedPairIsTheOneOfTheStrongestLink() {
        Random random = new Random(3);
        int rows = 5;
        int columns = 9;
        int clusters = 6;
        int patches = rows * columns;
        for (int trial = 0; trial < 20; trial++) {
            int[] labels = random.ints(patches, 0, clusters).toArray();
            Arrays.setAll(labels, i -> i < clusters ? i : labels[i]);
            float[] cosines = new float[patches * patches];
            for (int p = 0; p < patches; p++) {
                for (int q = 0; q <= p; q++) {
                    cosines[p * patches + q] = 2 * random.nextFloat() - 1;
                    cosines[q * patches + p] = cosines[p * patches + q];
                }
            }
            Adjacency adjacency = new Adjacency(clusters);
            adjacency.add(rows, columns, labels, cosines);
            int[] merged = adjacency.merge(clusters - 1);
            int[] pair = strongest(rows, columns, clusters, labels, cosines);
            for (int cluster = 0; cluster < clusters; cluster++) {
                int expected = cluster == pair[1] ? pair[0] : cluster > pair[1] ? cluster - 1 : cluster;
                assertThat(merged[cluster]).isEqualTo(expected);
            }
        }
    }

    /** Returns the pair of clusters of the strongest link, by the formula: all patches at most one apart are pairs. */
    private static int[] strongest(int rows, int columns, int clusters, int[] labels, float[] cosines) {
        double[][] count = new double[clusters][clusters];
        double[][] sum = new double[clusters][clusters];
        int patches = rows * columns;
        for (int p = 0; p < patches; p++) {
            for (int q = 0; q < patches; q++) {
                double distance = Math.hypot(p / columns - q / columns, p % columns - q % columns);
                if (p != q && distance <= 1) {
                    count[labels[p]][labels[q]]++;
                    sum[labels[p]][labels[q]] += cosines[p * patches + q];
                }
            }
        }
        int[] best = null;
        double strongest = Double.NEGATIVE_INFINITY;
        for (int a = 0; a < clusters; a++) {
            for (int b = a + 1; b < clusters; b++) {
                double outside = Math.min(
                        Arrays.stream(count[a]).sum() - count[a][a],
                        Arrays.stream(count[b]).sum() - count[b][b]);
                double link =
                        count[a][b] == 0 ? -2 : sum[a][b] / count[a][b] * Math.pow(count[a][b] / outside, 1.0 / 3);
                if (link > strongest) {
                    strongest = link;
                    best = new int[] {a, b};
                }
            }
        }
        return best;
    }
}
