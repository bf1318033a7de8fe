package dev.remora.text;

/** Text of other processes, made safe to print: a name may contain what a terminal obeys. */
public final class Printable {

    private Printable() {}

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
