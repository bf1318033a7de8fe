package dev.remora.bench;

import java.util.Locale;

/** The machine on which this runs. */
final class Host {

    private Host() {}

    static String description() {
        return String.format(
                Locale.ROOT,
                "Linux %s, %s, %d CPUs, %s %s",
                System.getProperty("os.version").replaceAll("[^0-9.].*", ""),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.vm.name"),
                System.getProperty("java.vm.version"));
    }
}
