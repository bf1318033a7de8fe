package dev.remora.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Puts tables between the marks that the page has for them, and plots beside it. */
final class Report {

    private final Path page;
    private final Path plots;

    Report(Path documentation) {
        page = documentation.resolve("benchmarks.md");
        plots = documentation.resolve("benchmarks");
    }

    void write(Question question) throws IOException {
        Files.createDirectories(plots);
        Files.writeString(plots.resolve(question.name() + ".svg"), question.plot());
        write(question.name(), question.table());
    }

    void write(String name, String text) throws IOException {
        String begin = "<!-- " + name + ": written by the benchmarks -->\n";
        String end = "<!-- end of " + name + " -->";
        String old = Files.readString(page);
        int from = old.indexOf(begin);
        int to = old.indexOf(end);
        if (from < 0 || to < from) {
            throw new IOException(page + " has no place for " + name);
        }
        Files.writeString(page, old.substring(0, from) + begin + "\n" + text.strip() + "\n\n" + old.substring(to));
    }
}
