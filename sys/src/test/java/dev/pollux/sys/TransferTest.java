package dev.pollux.sys;

import static dev.pollux.sys.Sockets.error;
import static dev.pollux.sys.Sockets.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.pollux.sys.Sockets.Pair;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// recv, send, sendmsg, read, write, writev, and the flags of messages.
@KernelTest
class TransferTest {

  private final Sockets sockets = new Sockets();
  private final Kernel kernel = sockets.kernel;
  private final MemorySegment buffer = sockets.arena.allocate(64);

  @AfterEach
  void close() {
    sockets.close();
  }

  @Test
  void recvOfAClosedDescriptorIsEbadf() {
    assertEquals("EBADF", error(kernel.recv(sockets.closedDescriptor(), buffer, 0)));
  }

  @Test
  void recvOfAnUnconnectedSocketIsEnotconn() {
    assertEquals("ENOTCONN", error(kernel.recv(sockets.tcp(), buffer, 0)));
  }

  @Test
  void recvOfAPipeIsEnotsock() {
    assertEquals("ENOTSOCK", error(kernel.recv(sockets.pipe(0).first(), buffer, 0)));
  }

  @Test
  void recvWithNothingThereIsEagainWhenNonBlocking() {
    Pair pair = sockets.pair();
    sockets.nonBlocking(pair.first());
    assertEquals("EAGAIN", error(kernel.recv(pair.first(), buffer, 0)));
  }

  @Test
  void recvTakesNoMoreThanTheBufferHolds() {
    Pair pair = sockets.pair();
    sockets.send(pair.first(), "abcdef");
    assertEquals("abcd", sockets.recv(pair.second(), 4, 0));
    assertEquals("ef", sockets.recv(pair.second(), 4, 0));
  }

  @Test
  void msgPeekLeavesTheBytes() {
    Pair pair = sockets.pair();
    sockets.send(pair.first(), "abc");
    assertEquals("abc", sockets.recv(pair.second(), 8, Socket.MSG_PEEK));
    assertEquals("abc", sockets.recv(pair.second(), 8, 0));
  }

  @Test
  void msgDontwaitDoesNotWaitOnABlockingSocket() {
    Pair pair = sockets.pair();
    assertEquals("EAGAIN", error(kernel.recv(pair.first(), buffer, Socket.MSG_DONTWAIT)));
  }

  @Test
  void msgDontwaitSendsUntilTheBuffersAreFull() {
    Pair pair = sockets.pair();
    MemorySegment block = sockets.arena.allocate(1 << 16);
    int result;
    do {
      result =
          kernel.send(
              pair.first(), block, 0, block.byteSize(), Socket.MSG_DONTWAIT | Socket.MSG_NOSIGNAL);
    } while (result > 0);
    assertEquals("EAGAIN", error(result));
  }

  @Test
  void sendOfAnUnconnectedSocketIsEpipe() {
    assertEquals("EPIPE", error(kernel.send(sockets.tcp(), buffer, 0, 1, Socket.MSG_NOSIGNAL)));
  }

  @Test
  void sendOfAClosedDescriptorIsEbadf() {
    assertEquals("EBADF", error(kernel.send(sockets.closedDescriptor(), buffer, 0, 1, 0)));
  }

  @Test
  void sendTakesTheRangeAskedFor() {
    Pair pair = sockets.pair();
    assertEquals(3, kernel.send(pair.first(), sockets.bytes("abcdef"), 2, 3, 0));
    assertEquals("cde", sockets.recv(pair.second(), 8, 0));
  }

  @Test
  void msgNosignalKeepsSigpipeAway() throws Exception {
    Pair pair = sockets.pair();
    ok(kernel.shutdown(pair.first(), Socket.SHUT_WR));
    try (Sigpipe signals = new Sigpipe()) {
      assertEquals("EPIPE", error(kernel.send(pair.first(), buffer, 0, 1, Socket.MSG_NOSIGNAL)));
      assertEquals("EPIPE", error(kernel.send(pair.first(), buffer, 0, 1, 0)));
      signals.await(1);
      assertEquals("EPIPE", error(kernel.send(pair.first(), buffer, 0, 1, 0)));
      signals.await(2);
      assertEquals(2, signals.count(), "one signal for each send without the flag");
    }
  }

  @Test
  void msgMoreHoldsTheBytesBackUntilTheRestFollows() {
    // The kernel lets go after 200 ms: an attempt that took long proves nothing.
    for (int attempt = 0; attempt < 20; attempt++) {
      Pair pair = sockets.pair();
      long start = System.nanoTime();
      assertEquals(1, kernel.send(pair.first(), sockets.bytes("a"), 0, 1, Socket.MSG_MORE));
      int early = kernel.recv(pair.second(), buffer, Socket.MSG_DONTWAIT);
      Duration taken = Duration.ofNanos(System.nanoTime() - start);
      if (taken.toMillis() < 100) {
        assertEquals("EAGAIN", error(early));
        assertEquals(1, kernel.send(pair.first(), sockets.bytes("b"), 0, 1, 0));
        assertEquals("ab", sockets.recv(pair.second(), 8, 0));
        return;
      }
    }
    fail("the machine is too slow for this test");
  }

  @Test
  void withoutMsgMoreASmallPieceGoesAtOnce() {
    Pair pair = sockets.pair();
    sockets.send(pair.first(), "a");
    assertEquals("a", sockets.recv(pair.second(), 8, 0));
  }

  @Test
  void sendmsgSendsThePiecesInOrder() {
    Pair pair = sockets.pair();
    IoVector pieces = IoVector.allocate(sockets.arena, 3);
    pieces.add(sockets.bytes("xabx"), 1, 2);
    pieces.add(sockets.bytes("c"), 0, 1);
    pieces.add(sockets.bytes("xxdef"), 2, 3);
    assertEquals(6, kernel.sendmsg(pair.first(), pieces, Socket.MSG_NOSIGNAL));
    assertEquals("abcdef", sockets.recv(pair.second(), 8, 0));
    pieces.clear();
    pieces.add(sockets.bytes("again"), 0, 5);
    assertEquals(5, kernel.sendmsg(pair.first(), pieces, Socket.MSG_NOSIGNAL));
    assertEquals("again", sockets.recv(pair.second(), 8, 0));
  }

  @Test
  void sendmsgAfterShutdownIsEpipe() {
    Pair pair = sockets.pair();
    ok(kernel.shutdown(pair.first(), Socket.SHUT_WR));
    assertEquals("EPIPE", error(kernel.sendmsg(pair.first(), pieces(1), Socket.MSG_NOSIGNAL)));
  }

  @Test
  void sendmsgOfTooManyPiecesIsEmsgsize() {
    int socket = sockets.pair().first();
    assertEquals(IoVector.IOV_MAX, kernel.sendmsg(socket, pieces(IoVector.IOV_MAX), 0));
    assertEquals("EMSGSIZE", error(kernel.sendmsg(socket, pieces(IoVector.IOV_MAX + 1), 0)));
  }

  @Test
  void writevOfTooManyPiecesIsEinval() {
    int socket = sockets.pair().first();
    assertEquals(IoVector.IOV_MAX, kernel.writev(socket, pieces(IoVector.IOV_MAX)));
    assertEquals("EINVAL", error(kernel.writev(socket, pieces(IoVector.IOV_MAX + 1))));
  }

  @Test
  void writevWritesThePiecesInOrder() {
    Pair pipe = sockets.pipe(0);
    IoVector pieces = IoVector.allocate(sockets.arena, 2);
    pieces.add(sockets.bytes("ab"), 0, 2);
    pieces.add(sockets.bytes("xcd"), 1, 2);
    assertEquals(4, kernel.writev(pipe.second(), pieces));
    assertEquals(4, kernel.read(pipe.first(), buffer));
    assertEquals("abcd", Sockets.text(buffer, 4));
  }

  @Test
  void writevToAReadingEndIsEbadf() {
    assertEquals("EBADF", error(kernel.writev(sockets.pipe(0).first(), pieces(1))));
  }

  @Test
  void readOfAWritingEndIsEbadf() {
    assertEquals("EBADF", error(kernel.read(sockets.pipe(0).second(), buffer)));
  }

  @Test
  void readOfAnEmptyPipeIsEagainWhenNonBlocking() {
    assertEquals("EAGAIN", error(kernel.read(sockets.pipe(Fcntl.O_NONBLOCK).first(), buffer)));
  }

  @Test
  void writeToAReadingEndIsEbadf() {
    assertEquals("EBADF", error(kernel.write(sockets.pipe(0).first(), buffer, 0, 1)));
  }

  @Test
  void writeToAFullPipeIsEagainWhenNonBlocking() {
    Pair pipe = sockets.pipe(Fcntl.O_NONBLOCK);
    MemorySegment block = sockets.arena.allocate(4096);
    int result;
    int blocks = 0;
    do {
      result = kernel.write(pipe.second(), block, 0, block.byteSize());
      blocks++;
    } while (result > 0);
    assertEquals("EAGAIN", error(result));
    assertTrue(blocks > 1);
  }

  @Test
  void writeTakesTheRangeAskedForAndReadReturnsIt() {
    Pair pipe = sockets.pipe(0);
    assertEquals(2, kernel.write(pipe.second(), sockets.bytes("abcd"), 1, 2));
    assertEquals(2, kernel.read(pipe.first(), buffer));
    assertEquals("bc", Sockets.text(buffer, 2));
  }

  private IoVector pieces(int count) {
    IoVector pieces = IoVector.allocate(sockets.arena, count);
    for (int i = 0; i < count; i++) {
      pieces.add(buffer, 0, 1);
    }
    return pieces;
  }
}
