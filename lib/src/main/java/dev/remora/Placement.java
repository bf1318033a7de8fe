package dev.remora;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.remora.numa.MemoryPolicy;
import java.util.Objects;

/**
 * A memory policy for a range, and what is to become of the pages that are there already.
 *
 * {@snippet file="Placing.java" region="placement"}
 *
 * @param policy from which nodes the kernel is to take memory
 * @param pages what becomes of pages that are there already
 * @param strict whether pages that are or stay on nodes which the policy does not name are reported, range by range; the
 *     kernel ignores it for {@link MemoryPolicy.Default}
 */
@CheckReturnValue
public record Placement(MemoryPolicy policy, Pages pages, boolean strict) {

    /** What becomes of pages that are there already. */
    public enum Pages {
        /** They stay where they are; only new pages follow the policy. */
        LEAVE(dev.remora.syscall.MemoryPolicies.Pages.LEAVE),

        /**
         * Those that only this process maps move to nodes of the policy, now ({@code MPOL_MF_MOVE}). With an interleaving
         * policy, a page on any of its nodes stays. A huge page of which a part is in the range may move as a whole.
         */
        MOVE(dev.remora.syscall.MemoryPolicies.Pages.MOVE),

        /**
         * Those that other processes map too move as well ({@code MPOL_MF_MOVE_ALL}). It takes CAP_SYS_NICE: in the process
         * that makes the call, which for {@link Mechanism#INJECTED} is the target.
         */
        MOVE_SHARED_TOO(dev.remora.syscall.MemoryPolicies.Pages.MOVE_ALL);

        private final dev.remora.syscall.MemoryPolicies.Pages ofKernel;

        Pages(dev.remora.syscall.MemoryPolicies.Pages ofKernel) {
            this.ofKernel = ofKernel;
        }
    }

    /** Creates a placement. */
    public Placement {
        Objects.requireNonNull(policy, "policy");
        Objects.requireNonNull(pages, "pages");
    }

    /**
     * {@return a placement that moves the pages that only this process maps, and does not report those that stay}
     *
     * @param policy from which nodes the kernel is to take memory
     */
    public static Placement of(MemoryPolicy policy) {
        return new Placement(policy, Pages.MOVE, false);
    }

    /** {@return this placement, for new pages only} */
    public Placement leavingPages() {
        return new Placement(policy, Pages.LEAVE, strict);
    }

    /** {@return this placement, moving also the pages that other processes map} */
    public Placement movingSharedPages() {
        return new Placement(policy, Pages.MOVE_SHARED_TOO, strict);
    }

    /**
     * {@return this placement, reporting ranges with pages on other nodes} Where pages are left, such a range keeps its
     * former policy ({@link SkipReason#PAGES_ELSEWHERE}); where they are moved, it gets the policy, and is told to have
     * pages that could not be moved ({@link PlacedRange.PlacedNotMoved}).
     */
    public Placement strictly() {
        return new Placement(policy, pages, true);
    }

    boolean movesPages() {
        return pages != Pages.LEAVE;
    }

    /** The flags of {@code mbind(2)}. */
    int flags() {
        return pages.ofKernel.flags(strict);
    }

    /** {@return the policy and what becomes of pages, in one line} */
    @Override
    public String toString() {
        String words = switch (pages) {
            case LEAVE -> ", leaving pages where they are";
            case MOVE -> "";
            case MOVE_SHARED_TOO -> ", moving shared pages too";
        };
        return policy + words + (strict ? ", strictly" : "");
    }
}
