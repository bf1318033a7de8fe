package dev.remora.procfs;

import dev.remora.bindings.Linux;

/** The capabilities that make a difference here ({@code capabilities(7)}). */
public enum Capability {
    DAC_OVERRIDE(Linux.CAP_DAC_OVERRIDE()),
    DAC_READ_SEARCH(Linux.CAP_DAC_READ_SEARCH()),
    KILL(Linux.CAP_KILL()),
    SYS_PTRACE(Linux.CAP_SYS_PTRACE()),
    SYS_ADMIN(Linux.CAP_SYS_ADMIN()),
    SYS_NICE(Linux.CAP_SYS_NICE()),
    BPF(Linux.CAP_BPF());

    private final int number;

    Capability(int number) {
        this.number = number;
    }

    /** Says whether it is in a set with one bit for each. */
    public boolean in(long set) {
        return (set >> number & 1) != 0;
    }
}
