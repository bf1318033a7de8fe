/** What Remora's advice costs beside C, JNA and jnr-ffi. Start with {@link dev.remora.bench.Benchmarks}. */
@NullMarked
package dev.remora.bench;

import org.jspecify.annotations.NullMarked;
