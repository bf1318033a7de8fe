/**
 * Looks after the memory of other Linux processes: advises it, pages it out, inspects it.
 *
 * <p>Start with {@link dev.remora.RemoteMemory}. The modules {@code dev.remora} and {@code dev.remora.bindings} call
 * native code, so run Java with {@code --enable-native-access=dev.remora,dev.remora.bindings} (on the class path:
 * {@code --enable-native-access=ALL-UNNAMED}).
 */
module dev.remora {
    requires dev.remora.bindings;
    requires jdk.jfr;
    requires org.apache.logging.log4j;
    requires static org.jspecify;
    requires static com.google.errorprone.annotations;

    exports dev.remora;
    exports dev.remora.addressspace;
    exports dev.remora.numa;
    exports dev.remora.sandbox;
}
