package dev.remora.numa;

import dev.remora.text.Printable;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Policies as {@code mpol_to_str} of the kernel's {@code mm/mempolicy.c} prints them, and what all of them require. */
final class PolicyText {

    private static final Pattern POLICY = Pattern.compile("([a-z ()]+)(?:=([a-z|]+))?(?::([^:]*))?");
    private static final String BALANCING = "balancing";

    private PolicyText() {}

    static String of(String mode, NodeNumbers numbers, boolean balancing, NodeSet nodes) {
        String separator = balancing && !numbers.word().isEmpty() ? "|" : "";
        String flags = numbers.word() + separator + (balancing ? BALANCING : "");
        return mode + (flags.isEmpty() ? "" : "=" + flags) + ":" + nodes;
    }

    static MemoryPolicy parse(String text) {
        Matcher policy = POLICY.matcher(text.strip());
        if (!policy.matches()) {
            throw refused(text, "it has not the form mode=flags:nodes");
        }
        String list = policy.group(3) == null ? "" : policy.group(3);
        String flags = policy.group(2) == null ? "" : policy.group(2);
        boolean balancing = flags.equals(BALANCING) || flags.endsWith("|" + BALANCING);
        NodeNumbers numbers = numbers(text, flags);
        return withFlags(text, policy.group(1), NodeSet.parse(list), numbers, balancing, !flags.isEmpty());
    }

    private static NodeNumbers numbers(String text, String flags) {
        return switch (flags) {
            case "", BALANCING -> NodeNumbers.REMAPPED;
            case "static", "static|" + BALANCING -> NodeNumbers.STATIC;
            case "relative", "relative|" + BALANCING -> NodeNumbers.RELATIVE;
            default -> throw refused(text, "its flags are not known");
        };
    }

    private static MemoryPolicy withFlags(
            String text, String mode, NodeSet nodes, NodeNumbers numbers, boolean balancing, boolean flags) {
        OptionalInt nowhere = OptionalInt.empty();
        return switch (mode) {
            case "bind" -> new MemoryPolicy.Bind(nodes, numbers, balancing, nowhere);
            case "prefer (many)" -> new MemoryPolicy.PreferredMany(nodes, numbers, balancing, nowhere);
            default -> {
                if (balancing) {
                    throw refused(text, "only bind and prefer (many) can be balancing");
                }
                yield withoutBalancing(text, mode, nodes, numbers, flags);
            }
        };
    }

    private static MemoryPolicy withoutBalancing(
            String text, String mode, NodeSet nodes, NodeNumbers numbers, boolean flags) {
        return switch (mode) {
            case "interleave" -> new MemoryPolicy.Interleave(nodes, numbers);
            case "weighted interleave" -> new MemoryPolicy.WeightedInterleave(nodes, numbers);
            case "prefer" -> nodes.isEmpty() && !flags ? MemoryPolicy.local() : preferred(text, nodes, numbers);
            case "default", "local" -> {
                if (flags || !nodes.isEmpty()) {
                    throw refused(text, mode + " has neither flags nor nodes");
                }
                yield mode.equals("local") ? MemoryPolicy.local() : MemoryPolicy.systemDefault();
            }
            default -> throw refused(text, "its mode is not known");
        };
    }

    private static MemoryPolicy preferred(String text, NodeSet nodes, NodeNumbers numbers) {
        if (nodes.size() != 1) {
            throw refused(text, "prefer has one node, and prefer (many) is for more");
        }
        return new MemoryPolicy.Preferred(nodes.highest().orElseThrow(), numbers);
    }

    private static IllegalArgumentException refused(String text, String reason) {
        return new IllegalArgumentException("'" + Printable.of(text.strip()) + "' is no memory policy: " + reason
                + ". It is written as in /proc/PID/numa_maps: default, local, prefer:1, prefer (many):0-1,"
                + " bind=static|balancing:0-1, interleave=relative:0-3, weighted interleave:0-1");
    }

    static void requireNodes(String mode, NodeSet nodes) {
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("A policy to " + mode + " names at least one node, and this one names"
                    + " none: leave it to the CPU's own node with MemoryPolicy.local(), or to the thread's policy with"
                    + " MemoryPolicy.systemDefault()");
        }
    }

    static void requireHomeNode(OptionalInt node) {
        if (node.isPresent()) {
            var _ = NodeSet.requireNode(node.getAsInt());
        }
    }
}
