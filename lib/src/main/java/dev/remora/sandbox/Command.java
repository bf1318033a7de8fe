package dev.remora.sandbox;

/** What the parent can ask of the child, as bytes on the wire. Both ends come from the same build. */
enum Command {
    MAP('a'),
    MAP_SHARED('s'),
    MAP_HUGETLB('h'),
    MAP_MEMFD('m'),
    MAP_FILE('f'),
    UNMAP('u'),
    PROTECT('p'),
    LOCK('l'),
    UNLOCK('k'),
    WRITE('w'),
    READ('r'),
    TRACK('t');

    private final char wire;

    Command(char wire) {
        this.wire = wire;
    }

    int wire() {
        return wire;
    }

    static Command of(int wire) {
        for (Command command : values()) {
            if (command.wire == wire) {
                return command;
            }
        }
        throw new IllegalArgumentException("no command has the byte " + wire);
    }
}
