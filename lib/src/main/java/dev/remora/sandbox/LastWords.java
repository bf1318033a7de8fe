package dev.remora.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** What a child printed last. It is read all the time, so that no child waits for a reader. */
final class LastWords {

    private static final int MOST = 1 << 14;
    private static final long PATIENCE = TimeUnit.SECONDS.toMillis(2);

    private final StringBuilder words = new StringBuilder();
    private final Thread listener;

    LastWords(InputStream source) {
        listener = Thread.ofPlatform().name("remora-sandbox-listener").daemon().start(() -> listen(source));
    }

    private void listen(InputStream source) {
        byte[] portion = new byte[4096];
        try {
            for (int bytes = source.read(portion); bytes >= 0; bytes = source.read(portion)) {
                keep(new String(portion, 0, bytes, StandardCharsets.UTF_8));
            }
        } catch (IOException closed) {
            // Whoever closed the child does not ask for its words.
        }
    }

    private synchronized void keep(String text) {
        words.append(text);
        words.delete(0, Math.max(0, words.length() - MOST));
    }

    /** Returns what was printed, once the child has ended. */
    String text() {
        try {
            listener.join(PATIENCE);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            return words.toString().strip();
        }
    }
}
