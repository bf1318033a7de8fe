package dev.remora.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Horizontal bars in groups, as an SVG picture. Bars of the same name have the same colour. */
final class BarChart {

    private static final List<String> COLOURS = List.of("#5b6770", "#1b7f9c", "#d98a29", "#9a5fb4", "#9fb0ba");
    private static final int WIDTH = 760;
    private static final int LEFT = 190;
    private static final int BAR = 18;
    private static final int LONGEST = 360;

    private record Bar(String name, double length, String label) {}

    private record Group(String name, List<Bar> bars) {}

    private final String title;
    private final String unit;
    private final List<Group> groups = new ArrayList<>();
    private final List<String> names = new ArrayList<>();

    BarChart(String title, String unit) {
        this.title = title;
        this.unit = unit;
    }

    void group(String name) {
        groups.add(new Group(name, new ArrayList<>()));
    }

    /** Adds a bar to the last group. */
    void bar(String name, double length, String label) {
        groups.getLast().bars().add(new Bar(name, length, label));
        if (!names.contains(name)) {
            names.add(name);
        }
    }

    String svg() {
        double longest = groups.stream()
                .flatMap(group -> group.bars().stream())
                .mapToDouble(Bar::length)
                .max()
                .orElse(1);
        var picture = new StringBuilder();
        int y = 52;
        text(picture, 12, 24, "font-weight=\"bold\" font-size=\"15\"", title);
        text(picture, 12, 42, "fill=\"#555\"", unit);
        for (Group group : groups) {
            y += 22;
            text(picture, 12, y, "font-weight=\"bold\"", group.name());
            for (Bar bar : group.bars()) {
                y += BAR + 4;
                draw(picture, bar, y, bar.length() / longest);
            }
            y += 8;
        }
        return String.format(Locale.ROOT, """
            <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" \
            font-family="sans-serif" font-size="13">
            <rect width="%1$d" height="%2$d" fill="white"/>
            %3$s</svg>
            """, WIDTH, y + 12, picture);
    }

    private void draw(StringBuilder picture, Bar bar, int bottom, double share) {
        double width = Math.max(1, share * LONGEST);
        String colour = COLOURS.get(names.indexOf(bar.name()) % COLOURS.size());
        text(picture, LEFT - 8, bottom, "text-anchor=\"end\"", bar.name());
        picture.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                LEFT,
                bottom - BAR + 4,
                width,
                BAR,
                colour));
        String label = String.format(Locale.ROOT, "%.2f (%s)", bar.length(), bar.label());
        text(picture, (int) (LEFT + width + 6), bottom, "", label);
    }

    private static void text(StringBuilder picture, int x, int y, String attributes, String text) {
        String escaped = text.replace("&", "&amp;").replace("<", "&lt;");
        picture.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" %s>%s</text>%n", x, y, attributes, escaped));
    }
}
