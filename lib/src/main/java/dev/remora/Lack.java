package dev.remora;

/**
 * A right that is missing, and how that was seen.
 *
 * @param right the right
 * @param situation what was found, as a sentence without its end
 * @param remedy what grants it in this situation
 */
record Lack(MissingRight right, String situation, String remedy) {

    Lack(MissingRight right, String situation) {
        this(right, situation, right.remedy());
    }

    String sentence() {
        return situation + ". " + remedy;
    }
}
