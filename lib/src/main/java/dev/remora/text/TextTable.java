package dev.remora.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A small table in plain text: a headline, then aligned columns; long tables are cut and say by how much. */
public final class TextTable {

    /** The rows that are printed at most. */
    public static final int MOST_ROWS = 16;

    private final String headline;
    private final boolean[] toTheRight;
    private final List<String[]> rows = new ArrayList<>();
    private int leftOut;

    /** One character of {@code alignment} per column: {@code <} to the left, {@code >} to the right. */
    public TextTable(String headline, String alignment) {
        this.headline = headline;
        toTheRight = new boolean[alignment.length()];
        for (int column = 0; column < toTheRight.length; column++) {
            toTheRight[column] = alignment.charAt(column) == '>';
        }
    }

    /** Adds a row unless the table is long enough already. */
    public void row(String... cells) {
        Arrays.setAll(cells, column -> Printable.of(cells[column]));
        if (rows.size() < MOST_ROWS) {
            rows.add(cells);
        } else {
            leftOut++;
        }
    }

    /** Says whether a further row would only be counted; its cells need not be made. */
    public boolean full() {
        return rows.size() == MOST_ROWS;
    }

    /** Counts rows that were not even made. */
    public void leaveOut(int more) {
        leftOut += more;
    }

    @Override
    public String toString() {
        var text = new StringBuilder(headline);
        int[] widths = widths();
        for (String[] row : rows) {
            text.append("\n ");
            var line = new StringBuilder();
            for (int column = 0; column < row.length; column++) {
                String padding = " ".repeat(widths[column] - row[column].length());
                line.append(' ').append(toTheRight[column] ? padding + row[column] : row[column] + padding);
            }
            text.append(line.toString().stripTrailing());
        }
        if (leftOut > 0) {
            text.append("\n  … and ").append(leftOut).append(" more");
        }
        return text.toString();
    }

    private int[] widths() {
        int[] widths = new int[toTheRight.length];
        for (String[] row : rows) {
            for (int column = 0; column < row.length; column++) {
                widths[column] = Math.max(widths[column], row[column].length());
            }
        }
        return widths;
    }
}
