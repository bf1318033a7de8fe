package dev.remora;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** SIGKILL for a process, whose memory may be released afterwards. */
@Name("remora.Kill")
@Label("Kill")
@Description("SIGKILL for a process, whose memory may be released afterwards")
final class KillEvent extends VerbEvent {

    KillEvent(long pid) {
        super(pid);
    }
}
