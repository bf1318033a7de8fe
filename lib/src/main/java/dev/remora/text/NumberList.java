package dev.remora.text;

import java.util.BitSet;

/** Sets of small numbers as the kernel prints them: ascending, with a dash between first and last, {@code 0-3,8}. */
public final class NumberList {

    private static final String NUMBER = "[0-9]{1,9}";

    private NumberList() {}

    /** Parses a list; the numbers have to be less than {@code limit}. An empty text is the empty set. */
    public static BitSet parse(String text, int limit) {
        var numbers = new BitSet();
        String list = text.strip();
        if (list.isEmpty()) {
            return numbers;
        }
        for (String part : list.split(",", -1)) {
            int dash = part.indexOf('-');
            int first = number(dash < 0 ? part : part.substring(0, dash), list, limit);
            int last = dash < 0 ? first : number(part.substring(dash + 1), list, limit);
            if (last < first) {
                throw refused(list, "'" + part + "' ends before it begins", limit);
            }
            numbers.set(first, last + 1);
        }
        return numbers;
    }

    private static int number(String text, String list, int limit) {
        if (!text.matches(NUMBER)) {
            throw refused(list, "'" + text + "' is no number", limit);
        }
        int number = Integer.parseInt(text);
        if (number >= limit) {
            throw refused(list, number + " is too large", limit);
        }
        return number;
    }

    private static IllegalArgumentException refused(String list, String reason, int limit) {
        return new IllegalArgumentException("'" + Printable.of(list) + "' is no list of numbers: "
                + Printable.of(reason) + ". Numbers from 0 to " + (limit - 1)
                + " are separated by commas, neighbours joined by a dash, as in 0-3,8");
    }

    /** Returns the list for a set, which {@link #parse} reads back. */
    public static String format(BitSet numbers) {
        var list = new StringBuilder();
        for (int first = numbers.nextSetBit(0); first >= 0; ) {
            int last = numbers.nextClearBit(first) - 1;
            list.append(list.isEmpty() ? "" : ",").append(first);
            if (last > first) {
                list.append('-').append(last);
            }
            first = numbers.nextSetBit(last + 1);
        }
        return list.toString();
    }
}
