package dev.remora;

import dev.remora.Finding.Area;
import dev.remora.Finding.Status;
import dev.remora.text.Printable;
import dev.remora.text.TextTable;
import java.util.Locale;

/** How a {@link HostReport} prints. */
final class HostReportTable {

    private HostReportTable() {}

    static String of(HostReport report) {
        var text = new StringBuilder("Remora on Linux ")
                .append(Printable.of(report.kernelRelease()))
                .append(": ")
                .append(report.findings(Status.AVAILABLE).size())
                .append(" of ")
                .append(report.findings().size())
                .append(" available");
        for (Area area : Area.values()) {
            text.append('\n').append(table(report, area));
        }
        for (Finding missing : report.findings(Status.MISSING)) {
            text.append("\nWithout ")
                    .append(missing.subject())
                    .append(": ")
                    .append(missing.cost())
                    .append(". ")
                    .append(missing.remedy());
        }
        return text.toString();
    }

    private static TextTable table(HostReport report, Area area) {
        var table = new TextTable(area.name().toLowerCase(Locale.ROOT), "<<<<");
        report.findings().stream()
                .filter(finding -> finding.area() == area)
                .forEach(finding -> table.row(
                        finding.subject(),
                        word(finding.status()),
                        finding.firstKernel().orElse(""),
                        finding.detail()));
        return table;
    }

    private static String word(Status status) {
        return switch (status) {
            case AVAILABLE -> "yes";
            case MISSING -> "no";
            case UNKNOWN -> "unknown";
        };
    }
}
