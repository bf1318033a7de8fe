package dev.remora;

/**
 * A right that is missing, and how that was seen.
 *
 * @param right the right
 * @param situation what was found, as a sentence without its end
 */
record Lack(MissingRight right, String situation) {

    String sentence() {
        return situation + ". " + right.remedy();
    }
}
