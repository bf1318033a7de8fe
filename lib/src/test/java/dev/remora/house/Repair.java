package dev.remora.house;

/** What a test offers besides failing: with a system property set to {@code write} it rewrites the files it checks. */
record Repair(Class<?> test, String property) {

    boolean requested() {
        return System.getProperty(property, "").equals("write");
    }

    String command() {
        return "mvn -pl lib -am test -Dtest=" + test.getSimpleName() + " -Dsurefire.failIfNoSpecifiedTests=false -D"
                + property + "=write";
    }
}
