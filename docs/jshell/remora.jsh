import dev.remora.*
import dev.remora.addressspace.*
import dev.remora.numa.*
import dev.remora.sandbox.*
import java.time.Duration
import static dev.remora.addressspace.ByteSize.*
System.out.println("""
        Remora looks after the memory of other processes. Three things to try, and Tab completes everything:
          var child = SandboxedProcess.start(); var range = child.map(64 * MiB); child.touch(range)
          var memory = RemoteMemory.open(child.pid()); memory.mappings().anonymous().writable().matching()
          memory.ranges(range).pageOut()
        End with child.close() and memory.close(), or /exit.""")
