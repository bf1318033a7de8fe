package dev.remora.text;

/** Text that reads well, and that is safe to print: the names that processes give may contain what a terminal obeys. */
public final class Printable {

    private Printable() {}

    /** Returns {@code "1 range"} or {@code "2 ranges"}. */
    public static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    /** Returns the text with each control character as {@code \ooo}, the way the kernel writes a newline in a path. */
    public static String of(String text) {
        if (text.chars().noneMatch(Character::isISOControl)) {
            return text;
        }
        var safe = new StringBuilder();
        text.chars().forEach(letter -> {
            if (Character.isISOControl(letter)) {
                safe.append('\\').append((char) ('0' + (letter >> 6)));
                safe.append((char) ('0' + (letter >> 3 & 7))).append((char) ('0' + (letter & 7)));
            } else {
                safe.append((char) letter);
            }
        });
        return safe.toString();
    }
}
