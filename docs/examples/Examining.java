import dev.remora.Doctor;
import dev.remora.Finding;
import dev.remora.HostReport;

/** Shows what this host and the rights of this process allow. */
final class Examining {

    private Examining() {}

    public static void main(String[] arguments) {
        // @start region=report
        HostReport report = Doctor.report();
        System.out.println(report);
        for (Finding missing : report.findings(Finding.Status.MISSING)) {
            System.out.println(missing.subject() + " is missing: " + missing.cost());
        }
        // @end
        swap(report);
    }

    private static void swap(HostReport report) {
        // @start region=one
        boolean swap = report.finding("swap")
                .filter(found -> found.status() == Finding.Status.AVAILABLE)
                .isPresent();
        System.out.println(swap ? "pageOut() has somewhere to go" : "pageOut() leaves anonymous memory where it is");
        // @end
    }
}
