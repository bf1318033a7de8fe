/** How values print: small tables with human units, lists of numbers. */
@NullMarked
package dev.remora.text;

import org.jspecify.annotations.NullMarked;
