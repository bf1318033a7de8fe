/**
 * Linux constants, structures and system call numbers, as jextract generates them from the C headers.
 */
module dev.remora.bindings {
    exports dev.remora.bindings to
            dev.remora;
}
