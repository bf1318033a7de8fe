package dev.remora.bindings;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** A reviewed argument file of jextract: which symbols a header class is generated from. */
record SymbolList(List<Symbol> symbols) {
    private static final String PREFIX = "--include-";

    record Symbol(String kind, String name) {
        static Symbol parse(String line) {
            String[] words = line.substring(PREFIX.length()).split(" ");
            return new Symbol(words[0], words[1]);
        }

        boolean isConstant() {
            return kind.equals("constant");
        }

        boolean isType() {
            return List.of("struct", "union", "typedef").contains(kind);
        }

        String typeInC() {
            return kind.equals("typedef") ? name : kind + " " + name;
        }
    }

    static SymbolList read(String fileName) throws IOException {
        try (var lines = Files.lines(BindingsDirectory.SYMBOL_LISTS.resolve(fileName))) {
            return new SymbolList(lines.filter(line -> line.startsWith(PREFIX))
                    .map(Symbol::parse)
                    .toList());
        }
    }

    List<Symbol> constants() {
        return symbols.stream().filter(Symbol::isConstant).toList();
    }

    List<Symbol> types() {
        return symbols.stream().filter(Symbol::isType).toList();
    }
}
