package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// One line of a trace in the making, in the notation of strace(1): the name of a call, its
/// arguments, its result.
///
/// It belongs to the owner of a kernel or a ring. What the kernel has not written, because the call
/// failed, is shown as the address of its memory.
final class CallText {
  /// Of text: the same as strace's.
  private static final int MOST_BYTES = 32;

  /// Of arrays whose elements are structs: the same as strace's.
  private static final int MOST_ELEMENTS = 32;

  private final StringBuilder text = new StringBuilder(256);
  private boolean first;

  CallText begin(String name) {
    text.setLength(0);
    text.append(name).append('(');
    first = true;
    return this;
  }

  /// A struct instead of a call: `sqe {...}`.
  CallText beginStruct(String name) {
    text.setLength(0);
    text.append(name).append(" {");
    first = true;
    return this;
  }

  String endStruct() {
    return text.append('}').toString();
  }

  private StringBuilder next() {
    if (!first) {
      text.append(", ");
    }
    first = false;
    return text;
  }

  CallText number(long value) {
    next().append(value);
    return this;
  }

  CallText word(String word) {
    next().append(word);
    return this;
  }

  CallText bits(BitNames names, int value) {
    names.append(next(), value);
    return this;
  }

  /// The same for a member of a struct, left out if there is no bit.
  CallText bits(String member, BitNames names, int value) {
    if (value != 0) {
      names.append(next().append(member).append('='), value);
    }
    return this;
  }

  CallText pointer(MemorySegment memory) {
    pointer(next(), memory.address());
    return this;
  }

  private static void pointer(StringBuilder to, long address) {
    to.append("0x").append(Long.toHexString(address));
  }

  // Structs

  /// The address, if the kernel or we have written it.
  CallText address(SockAddr address, boolean written) {
    if (written) {
      address(next(), address);
      return this;
    }
    return pointer(address.segment());
  }

  private static void address(StringBuilder to, SockAddr address) {
    int family = address.family();
    if (family == Socket.AF_INET || family == Socket.AF_INET6) {
      InetSocketAddress known = address.toInetSocketAddress();
      String host = known.getAddress().getHostAddress();
      to.append('{').append(host.indexOf(':') < 0 ? host : "[" + host + "]");
      to.append(':').append(known.getPort()).append('}');
    } else {
      to.append(family == 0 ? "{}" : "{sa_family=" + family + "}");
    }
  }

  CallText event(int events, long data) {
    next();
    appendEvent(events, data);
    return this;
  }

  private void appendEvent(int events, long data) {
    BitNames.EPOLL.append(text.append('{'), events);
    // Who registers a descriptor keeps it in the lower half of its data.
    text.append(", fd=").append((int) data).append('}');
  }

  CallText events(EpollEvents events, int count) {
    if (count < 0) {
      return pointer(events.segment());
    }
    next().append('[');
    for (int i = 0; i < Math.min(count, MOST_ELEMENTS); i++) {
      text.append(i == 0 ? "" : ", ");
      appendEvent(events.events(i), events.data(i));
    }
    text.append(count > MOST_ELEMENTS ? ", ...]" : "]");
    return this;
  }

  /// What poll(2) is asked.
  CallText asked(PollFds fds, int count) {
    next().append('[');
    for (int i = 0; i < Math.min(count, MOST_ELEMENTS); i++) {
      text.append(i == 0 ? "{fd=" : ", {fd=").append(fds.fd(i)).append(", events=");
      BitNames.POLL.append(text, fds.events(i));
      text.append('}');
    }
    text.append(count > MOST_ELEMENTS ? ", ...]" : "]");
    return this;
  }

  /// What poll(2) has found, as strace writes it behind the result.
  private void found(PollFds fds, int count) {
    text.append(" ([");
    int shown = 0;
    for (int i = 0; i < count && shown <= MOST_ELEMENTS; i++) {
      if (fds.revents(i) == 0) {
        continue;
      }
      text.append(shown == 0 ? "" : ", ");
      if (shown++ == MOST_ELEMENTS) {
        text.append("...");
      } else {
        text.append("{fd=").append(fds.fd(i)).append(", revents=");
        BitNames.POLL.append(text, fds.revents(i));
        text.append('}');
      }
    }
    text.append("])");
  }

  /// The bits of a set that are below `count`.
  CallText bits(@Nullable FdSet set, int count) {
    if (set == null) {
      return word("NULL");
    }
    bits(next(), set, count);
    return this;
  }

  private static void bits(StringBuilder to, FdSet set, int count) {
    to.append('[');
    String separator = "";
    for (int fd = 0; fd < Math.min(count, set.capacity()); fd++) {
      if (set.isSet(fd)) {
        to.append(separator).append(fd);
        separator = " ";
      }
    }
    to.append(']');
  }

  private String found(String separator, String name, @Nullable FdSet set, int count) {
    if (set == null) {
      return separator;
    }
    int length = text.length();
    bits(text.append(separator).append(name).append(' '), set, count);
    if (text.charAt(text.length() - 2) == '[') {
      text.setLength(length);
      return separator;
    }
    return ", ";
  }

  CallText pieces(IoVector pieces) {
    next().append('[');
    for (int i = 0; i < Math.min(pieces.count(), MOST_ELEMENTS); i++) {
      MemorySegment piece = pieces.piece(i);
      text.append(i == 0 ? "{iov_base=" : ", {iov_base=");
      quote(text, piece, 0, piece.byteSize());
      text.append(", iov_len=").append(piece.byteSize()).append('}');
    }
    text.append(pieces.count() > MOST_ELEMENTS ? ", ...]" : "]");
    return this;
  }

  /// `struct msghdr` of sendmsg(2), without the members that are never set.
  CallText message(IoVector pieces) {
    next().append("{msg_iov=");
    first = true;
    pieces(pieces);
    text.append(", msg_iovlen=").append(pieces.count()).append('}');
    return this;
  }

  /// The value of an option that is a struct, and its length.
  CallText optionValue(int level, int option, MemorySegment value) {
    if (level == Socket.SOL_SOCKET
        && option == Socket.SO_LINGER
        && value.byteSize() == Socket.LINGER.byteSize()) {
      next().append("{l_onoff=").append(value.get(JAVA_INT, 0));
      text.append(", l_linger=").append(value.get(JAVA_INT, 4)).append('}');
    } else {
      quoted(value, 0, value.byteSize());
    }
    return number(value.byteSize());
  }

  // Bytes

  /// Bytes that are written, or that `result` has of a buffer that was read into.
  CallText quoted(MemorySegment memory, long offset, long length) {
    quote(next(), memory, offset, length);
    return this;
  }

  CallText received(MemorySegment buffer, int result) {
    return result < 0 ? pointer(buffer) : quoted(buffer, 0, result);
  }

  private static void quote(StringBuilder to, MemorySegment memory, long offset, long length) {
    to.append('"');
    long shown = Math.min(length, MOST_BYTES);
    for (long i = 0; i < shown; i++) {
      boolean digitFollows = i + 1 < shown && isDigit(memory.get(JAVA_BYTE, offset + i + 1));
      quote(to, memory.get(JAVA_BYTE, offset + i) & 0xff, digitFollows);
    }
    to.append(length > shown ? "\"..." : "\"");
  }

  private static boolean isDigit(byte value) {
    return value >= '0' && value <= '9';
  }

  private static void quote(StringBuilder to, int value, boolean digitFollows) {
    switch (value) {
      case '\n' -> to.append("\\n");
      case '\r' -> to.append("\\r");
      case '\t' -> to.append("\\t");
      case 0x0b -> to.append("\\v");
      case '\f' -> to.append("\\f");
      case '"', '\\' -> to.append('\\').append((char) value);
      default -> {
        if (value >= ' ' && value < 0x7f) {
          to.append((char) value);
        } else {
          String octal = Integer.toOctalString(value);
          to.append('\\').append(digitFollows ? "00".substring(octal.length() - 1) : "");
          to.append(octal);
        }
      }
    }
  }

  // Ends

  String end(int result) {
    return end(result, Integer.toString(result));
  }

  /// `meaning` is what stands for a result that is no error.
  String end(int result, String meaning) {
    text.append(") = ");
    if (result < 0) {
      String sentence = ConstantNames.sentence(-result);
      text.append("-1 ").append(Errno.name(-result));
      text.append(sentence.isEmpty() ? "" : " (" + sentence + ")");
    } else {
      text.append(meaning);
    }
    return text.toString();
  }

  String endFlags(int result, BitNames names) {
    end(result, "0x" + Integer.toHexString(Math.max(0, result)) + " (flags ");
    if (result >= 0) {
      names.append(text, result);
      text.append(')');
    }
    return text.toString();
  }

  String endPoll(int result, PollFds fds, int count) {
    end(result);
    if (result > 0) {
      found(fds, count);
    }
    return result == 0 ? text.append(" (Timeout)").toString() : text.toString();
  }

  String endSelect(
      int result, int count, @Nullable FdSet in, @Nullable FdSet out, @Nullable FdSet except) {
    end(result);
    if (result > 0) {
      found(found(found(" (", "in", in, count), "out", out, count), "exc", except, count);
      text.append(')');
    }
    return result == 0 ? text.append(" (Timeout)").toString() : text.toString();
  }
}
