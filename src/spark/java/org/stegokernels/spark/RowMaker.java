package org.stegokernels.spark;

import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** A way to make a row of a picture; travels to the tasks. */
interface RowMaker extends Serializable {
    /** Returns the columns of its rows; one of them is {@link ResultTable#ERROR}. */
    StructType schema();

    /** Returns all that its rows depend on but the model and the pictures. */
    String settings();

    /**
     * Makes a row.
     *
     * @param picture of a listing
     */
    Row make(Row picture, Path file, Configuration hadoop);
}
