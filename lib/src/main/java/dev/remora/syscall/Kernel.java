package dev.remora.syscall;

/**
 * The one door to the kernel: every system call of the library goes through here, so that a scripted kernel can stand
 * in for the real one.
 */
@FunctionalInterface
public interface Kernel {

    /** Returns the result of the call, or −errno. Arguments that a call does not take are ignored by the kernel. */
    long call(int number, long a0, long a1, long a2, long a3, long a4, long a5);

    default long call(Syscall syscall) {
        return call(syscall.number(), 0, 0, 0, 0, 0, 0);
    }

    default long call(Syscall syscall, long a0) {
        return call(syscall.number(), a0, 0, 0, 0, 0, 0);
    }

    default long call(Syscall syscall, long a0, long a1) {
        return call(syscall.number(), a0, a1, 0, 0, 0, 0);
    }

    default long call(Syscall syscall, long a0, long a1, long a2) {
        return call(syscall.number(), a0, a1, a2, 0, 0, 0);
    }

    default long call(Syscall syscall, long a0, long a1, long a2, long a3) {
        return call(syscall.number(), a0, a1, a2, a3, 0, 0);
    }

    default long call(Syscall syscall, long a0, long a1, long a2, long a3, long a4) {
        return call(syscall.number(), a0, a1, a2, a3, a4, 0);
    }

    default long call(Syscall syscall, long a0, long a1, long a2, long a3, long a4, long a5) {
        return call(syscall.number(), a0, a1, a2, a3, a4, a5);
    }
}
