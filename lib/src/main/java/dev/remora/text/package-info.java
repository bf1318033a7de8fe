/** How values print: small tables with human units. */
@NullMarked
package dev.remora.text;

import org.jspecify.annotations.NullMarked;
