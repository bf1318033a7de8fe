package dev.remora;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** Moving all pages of a process from some NUMA nodes to others. */
@Name("remora.Migrate")
@Label("Migrate")
@Description("Moving all pages of a process from some NUMA nodes to others")
final class MigrateEvent extends VerbEvent {

    @Label("From")
    String from = "";

    @Label("To")
    String to = "";

    MigrateEvent(long pid) {
        super(pid);
    }

    void fill(MigrationOutcome told) {
        from = told.from().toString();
        to = told.to().toString();
    }
}
