package dev.remora.jvm;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;

/** Turns that send numbers over the loopback interface, where an echo adds one; with a timeout, some come late. */
final class TormentedSockets {

    private final int milliseconds;
    private final Socket socket;

    TormentedSockets(int milliseconds) throws IOException {
        this.milliseconds = milliseconds;
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        socket = new Socket(server.getInetAddress(), server.getLocalPort());
        socket.setSoTimeout(milliseconds);
        Thread.ofPlatform().daemon().start(() -> echo(server));
    }

    private void echo(ServerSocket server) {
        try (server;
                Socket other = server.accept()) {
            DataInputStream input = new DataInputStream(other.getInputStream());
            DataOutputStream output = new DataOutputStream(other.getOutputStream());
            while (true) {
                long number = input.readLong();
                Thread.sleep(number % 2 * 2 * milliseconds);
                output.writeLong(number + 1);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException("Nobody interrupts this thread", unexpected);
        }
    }

    void turn(long turn) throws IOException {
        new DataOutputStream(socket.getOutputStream()).writeLong(turn);
        TormentedRole.same(turn + 1, answer());
        TormentedRole.rest();
    }

    /** Nothing of a number is lost by a timeout: it comes as a whole. */
    private long answer() throws IOException {
        DataInputStream input = new DataInputStream(socket.getInputStream());
        while (true) {
            long start = System.nanoTime();
            try {
                return input.readLong();
            } catch (SocketTimeoutException late) {
                TormentedRole.atLeast(milliseconds, start);
            }
        }
    }
}
