package dev.remora;

import java.util.List;
import java.util.Optional;

/**
 * What this host and the rights of this process allow, at the time of {@link Doctor#report()}. It prints as a table, with
 * what each missing thing costs and how to get it.
 *
 * @param kernelRelease the release of the kernel, as {@code uname -r} has it
 * @param findings all that was looked at
 */
public record HostReport(String kernelRelease, List<Finding> findings) {

    /**
     * Makes a report that does not change.
     *
     * @param kernelRelease the release of the kernel
     * @param findings all that was looked at
     */
    public HostReport {
        findings = List.copyOf(findings);
    }

    /**
     * {@return what was found out about a subject; empty if nothing was looked at under that name}
     *
     * @param subject its name, as in the first column of the table
     */
    public Optional<Finding> finding(String subject) {
        return findings.stream()
                .filter(finding -> finding.subject().equals(subject))
                .findFirst();
    }

    /**
     * {@return the findings with a status}
     *
     * @param status the status
     */
    public List<Finding> findings(Finding.Status status) {
        return findings.stream().filter(finding -> finding.status() == status).toList();
    }

    /** {@return a table for each area, then a line or two for each thing that is missing} */
    @Override
    public String toString() {
        return HostReportTable.of(this);
    }
}
