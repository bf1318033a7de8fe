package dev.remora.procfs;

/** Matches bytes against a pattern in which {@code *} stands for any bytes, none included. */
final class Wildcard {

    private Wildcard() {}

    /** Takes the last star that can be extended whenever the rest does not fit: linear memory, no recursion. */
    static boolean matches(byte[] pattern, byte[] text, int start, int end) {
        int expected = 0;
        int star = -1;
        int resume = start;
        int position = start;
        while (position < end) {
            if (expected < pattern.length && pattern[expected] == '*') {
                star = expected++;
                resume = position;
            } else if (expected < pattern.length && pattern[expected] == text[position]) {
                expected++;
                position++;
            } else if (star >= 0) {
                expected = star + 1;
                position = ++resume;
            } else {
                return false;
            }
        }
        while (expected < pattern.length && pattern[expected] == '*') {
            expected++;
        }
        return expected == pattern.length;
    }
}
