package dev.remora.syscall;

/**
 * The processor architectures whose system call tables are known. There is no default: a wrong table is a wrong call.
 */
public enum Architecture {
    X86_64("amd64", 56),
    AARCH64("aarch64", 52);

    private final String javaName;
    private final int userAddressBits;

    Architecture(String javaName, int userAddressBits) {
        this.javaName = javaName;
        this.userAddressBits = userAddressBits;
    }

    /** Returns the architecture of this machine, or throws {@link UnsupportedOperationException} saying why not. */
    public static Architecture ofThisMachine() {
        return named(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    static Architecture named(String operatingSystem, String javaName) {
        if (!operatingSystem.equals("Linux")) {
            throw new UnsupportedOperationException("Remora calls the Linux kernel, and this is " + operatingSystem
                    + ". Run it on Linux 5.10 or newer; a virtual machine or a container will do.");
        }
        for (Architecture architecture : values()) {
            if (architecture.javaName.equals(javaName)) {
                return architecture;
            }
        }
        throw new UnsupportedOperationException("Remora knows the system call tables of x86-64 (amd64) and AArch64,"
                + " and this Java runs on " + javaName + ". Use a 64-bit Java on one of these two.");
    }

    /** The first address beyond the largest user space that a kernel for this architecture can give a process. */
    public long userSpaceEnd() {
        return 1L << userAddressBits;
    }
}
