package dev.remora.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TextTableTest {

    @Test
    void alignsColumnsToTheLeftAndToTheRight() {
        var table = new TextTable("Fish", "<><");
        table.row("remora", "1", "short");
        table.row("cod", "1234", "a longer one");
        assertThat(table).hasToString("""
            Fish
              remora    1 short
              cod    1234 a longer one\
            """);
    }

    @Test
    void leavesNoSpacesAtTheEndOfALine() {
        var table = new TextTable("Fish", "<<");
        table.row("remora", "");
        table.row("cod", "x");
        assertThat(table).hasToString("Fish\n  remora\n  cod    x");
    }

    @Test
    void printsNothingThatATerminalWouldObey() {
        var table = new TextTable("names", "<");
        table.row("a\rb\033");
        assertThat(table).hasToString("names\n  a\\015b\\033");
    }

    @Test
    void isItsHeadlineWithoutRows() {
        assertThat(new TextTable("Nothing", "<>")).hasToString("Nothing");
    }

    @Test
    void takesRowsWithFewerCells() {
        var table = new TextTable("Fish", "<>");
        table.row("cod");
        table.row("remora", "12");
        assertThat(table).hasToString("Fish\n  cod\n  remora 12");
    }

    @Test
    void isFullWithSixteenRows() {
        assertThat(TextTable.MOST_ROWS).isEqualTo(16);
        var table = new TextTable("Rows", "<");
        for (int row = 0; row < 16; row++) {
            assertThat(table.full()).isFalse();
            table.row("row " + row);
        }
        assertThat(table.full()).isTrue();
        assertThat(table.toString().lines()).hasSize(17).last().isEqualTo("  row 15");
    }

    @Test
    void countsTheRowsItLeavesOut() {
        var table = new TextTable("Rows", "<");
        for (int row = 0; row < 18; row++) {
            table.row("row " + row);
        }
        table.leaveOut(5);
        assertThat(table.toString().lines())
                .hasSize(18)
                .contains("  row 15")
                .doesNotContain("  row 16")
                .last()
                .isEqualTo("  … and 7 more");
    }

    @Test
    void rowsLeftOutDoNotWidenItsColumns() {
        var table = new TextTable("Rows", "><");
        for (int row = 0; row < 16; row++) {
            table.row("1", "x");
        }
        table.row("1000000", "x");
        assertThat(table.toString().lines()).contains("  1 x");
    }
}
