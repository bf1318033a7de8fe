package dev.remora.bench;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What is asked, and the comparisons that answer it.
 *
 * @param name of its table and its plot
 * @param title of its plot
 * @param circumstances that the table tells of
 */
record Question(String name, String title, String circumstances, List<Comparison> comparisons) {

    String table() {
        List<String> ways = comparisons.getFirst().ways();
        var table = new StringBuilder("| |");
        ways.forEach(way -> table.append(' ').append(way).append(" |"));
        table.append(" Remora / C | in single rounds | goal | Java heap, an operation of Remora |\n|---|");
        table.append("---|".repeat(ways.size() + 4)).append('\n');
        comparisons.forEach(comparison -> table.append(row(comparison)));
        return table.append('\n').append(circumstances).append('\n').toString();
    }

    private String row(Comparison comparison) {
        var row = new StringBuilder("| " + comparison.name() + " |");
        for (String way : comparison.ways()) {
            row.append(' ')
                    .append(Elapsed.format(comparison.median(way).nanoseconds()))
                    .append(" |");
        }
        OptionalDouble goal = comparison.goal();
        double[] ratios = comparison.ratios(Way.REMORA);
        row.append(String.format(
                Locale.ROOT,
                " %.2f | %.2f to %.2f | %s | %.0f bytes |%n",
                comparison.ratio(Way.REMORA),
                ratios[0],
                ratios[ratios.length - 1],
                goal.isPresent() ? String.format(Locale.ROOT, "at most %.2f", goal.getAsDouble()) : "",
                comparison.median(Way.REMORA).heapBytes()));
        return row.toString();
    }

    String plot() {
        var chart = new BarChart(title, "times the time of C; shorter is better");
        for (Comparison comparison : comparisons) {
            chart.group(comparison.name());
            comparison
                    .ways()
                    .forEach(way -> chart.bar(
                            way,
                            comparison.ratio(way),
                            Elapsed.format(comparison.median(way).nanoseconds())));
        }
        return chart.svg();
    }
}
