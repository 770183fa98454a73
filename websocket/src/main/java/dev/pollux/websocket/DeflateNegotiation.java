package dev.pollux.websocket;

import dev.pollux.websocket.Extension.Parameter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Both sides of the negotiation of permessage-deflate (RFC 7692 §5, §7.1).
///
/// ```
///  client: offer() --Sec-WebSocket-Extensions--> server: accept(): the first offer that it can keep, or none
///  client: agreed() <--Sec-WebSocket-Extensions-- what it keeps to
/// ```
public final class DeflateNegotiation {
  /// The extension's token (RFC 7692 §11.1).
  public static final String NAME = "permessage-deflate";

  private static final String SERVER_NO_CONTEXT_TAKEOVER = "server_no_context_takeover";
  private static final String CLIENT_NO_CONTEXT_TAKEOVER = "client_no_context_takeover";
  private static final String SERVER_MAX_WINDOW_BITS = "server_max_window_bits";
  private static final String CLIENT_MAX_WINDOW_BITS = "client_max_window_bits";

  private static final int ABSENT = -1;
  private static final int WITHOUT_VALUE = 0;

  /// What a server has agreed to, and how it says so.
  ///
  /// @param parameters what both sides keep to
  /// @param answer the element of the response's `Sec-WebSocket-Extensions`
  public record Accepted(DeflateParameters parameters, Extension answer) {}

  /// The parameters of one element as they stand there.
  ///
  /// @param serverBits the value, or [#ABSENT]
  /// @param clientBits the value, [#WITHOUT_VALUE] or [#ABSENT]
  private record Read(
      boolean serverNoTakeover, boolean clientNoTakeover, int serverBits, int clientBits) {}

  private DeflateNegotiation() {}

  /// A server's choice: the first offer of permessage-deflate that it can keep to, or null if there
  /// is none. An offer with a parameter that is unknown, repeated or has a bad value is declined
  /// (§7.1), and the next one looked at.
  ///
  /// @param offers in order of the client's preference
  /// @param leastWindowBits [Compression#leastWindowBits()] of the server's compression
  public static @Nullable Accepted accept(
      List<Extension> offers, CompressionOptions options, int leastWindowBits) {
    for (Extension offer : offers) {
      if (isOurs(offer)) {
        Read read = read(offer, true);
        Accepted accepted = read == null ? null : accept(read, options, leastWindowBits);
        if (accepted != null) {
          return accepted;
        }
      }
    }
    return null;
  }

  private static @Nullable Accepted accept(
      Read offer, CompressionOptions options, int leastWindowBits) {
    int serverBits = Math.max(options.serverMaxWindowBits(), leastWindowBits);
    if (offer.serverBits != ABSENT) {
      serverBits = Math.min(serverBits, offer.serverBits);
    }
    if (serverBits < leastWindowBits) {
      return null;
    }
    // §7.1.2.2: a client that does not offer it can't be told to keep to a smaller window.
    int clientBits = Compression.MAX_WINDOW_BITS;
    if (offer.clientBits != ABSENT) {
      int hint = offer.clientBits == WITHOUT_VALUE ? clientBits : offer.clientBits;
      clientBits = Math.min(options.clientMaxWindowBits(), hint);
    }
    DeflateParameters parameters =
        new DeflateParameters(
            options.serverNoContextTakeover() || offer.serverNoTakeover,
            options.clientNoContextTakeover() || offer.clientNoTakeover,
            serverBits,
            clientBits);
    // §7.1.2.1: an offer with server_max_window_bits is accepted by including it.
    return new Accepted(parameters, answer(parameters, offer.serverBits != ABSENT));
  }

  /// @param saysServerBits whether the server's window is said also if it is the largest
  static Extension answer(DeflateParameters parameters, boolean saysServerBits) {
    int serverBits = parameters.serverMaxWindowBits();
    int clientBits = parameters.clientMaxWindowBits();
    boolean smallServer = serverBits < Compression.MAX_WINDOW_BITS;
    boolean smallClient = clientBits < Compression.MAX_WINDOW_BITS;
    List<Parameter> said = new ArrayList<>(4);
    addFlag(said, SERVER_NO_CONTEXT_TAKEOVER, parameters.serverNoContextTakeover());
    addFlag(said, CLIENT_NO_CONTEXT_TAKEOVER, parameters.clientNoContextTakeover());
    addBits(said, SERVER_MAX_WINDOW_BITS, saysServerBits || smallServer ? serverBits : ABSENT);
    addBits(said, CLIENT_MAX_WINDOW_BITS, smallClient ? clientBits : ABSENT);
    return new Extension(NAME, said);
  }

  /// What a client offers.
  ///
  /// @param leastWindowBits [Compression#leastWindowBits()] of the client's compression: one that
  ///   has no choice does not offer `client_max_window_bits`
  public static Extension offer(CompressionOptions options, int leastWindowBits) {
    List<Parameter> said = new ArrayList<>(4);
    addFlag(said, SERVER_NO_CONTEXT_TAKEOVER, options.serverNoContextTakeover());
    addFlag(said, CLIENT_NO_CONTEXT_TAKEOVER, options.clientNoContextTakeover());
    boolean asksServer = options.serverMaxWindowBits() < Compression.MAX_WINDOW_BITS;
    addBits(said, SERVER_MAX_WINDOW_BITS, asksServer ? options.serverMaxWindowBits() : ABSENT);
    if (leastWindowBits < Compression.MAX_WINDOW_BITS) {
      int bits = options.clientMaxWindowBits();
      addBits(said, CLIENT_MAX_WINDOW_BITS, bits < Compression.MAX_WINDOW_BITS ? bits : 0);
    }
    return new Extension(NAME, said);
  }

  /// Checks what a server answered to [#offer].
  ///
  /// A server may ask for a window of 8 bits, which zlib can't keep to: such a client sends nothing
  /// compressed, which is always allowed.
  ///
  /// @param answer the response's `Sec-WebSocket-Extensions`
  /// @return what both sides keep to, or null if nothing was agreed upon
  /// @throws HttpException 502 for an answer that does not fit the offer: the connection must be
  ///   failed (§5.1, §7.1)
  public static @Nullable DeflateParameters agreed(
      List<Extension> answer, CompressionOptions options, int leastWindowBits)
      throws HttpException {
    if (answer.isEmpty()) {
      return null;
    }
    Extension only = answer.getFirst();
    require(
        answer.size() == 1 && isOurs(only), "the server uses an extension that was not asked for");
    Read read = read(only, false);
    if (read == null) {
      throw new HttpException(502, "the server's answer is no permessage-deflate: " + only);
    }
    int serverBits = read.serverBits == ABSENT ? Compression.MAX_WINDOW_BITS : read.serverBits;
    // §7.1.1.1, §7.1.2.1: by leaving these out it would have declined the offer.
    require(
        read.serverNoTakeover || !options.serverNoContextTakeover(),
        "the server did not agree to server_no_context_takeover");
    require(
        serverBits <= options.serverMaxWindowBits(),
        "the server did not agree to server_max_window_bits=" + options.serverMaxWindowBits());
    require(
        read.clientBits == ABSENT || leastWindowBits < Compression.MAX_WINDOW_BITS,
        "the server uses client_max_window_bits, which was not offered");
    int clientBits = Math.max(options.clientMaxWindowBits(), leastWindowBits);
    if (read.clientBits != ABSENT) {
      clientBits = Math.min(clientBits, read.clientBits);
    }
    return new DeflateParameters(
        read.serverNoTakeover,
        read.clientNoTakeover || options.clientNoContextTakeover(),
        serverBits,
        clientBits);
  }

  private static boolean isOurs(Extension extension) {
    return extension.name().equals(NAME);
  }

  /// Null for what §7.1 has declined: an unknown or repeated parameter, a bad value.
  private static @Nullable Read read(Extension extension, boolean isOffer) {
    Set<String> seen = new HashSet<>();
    int serverBits = ABSENT;
    int clientBits = ABSENT;
    for (Parameter parameter : extension.parameters()) {
      String value = parameter.value();
      if (!seen.add(parameter.name())) {
        return null;
      }
      switch (parameter.name()) {
        case SERVER_NO_CONTEXT_TAKEOVER, CLIENT_NO_CONTEXT_TAKEOVER -> {
          if (value != null) {
            return null;
          }
        }
        case SERVER_MAX_WINDOW_BITS -> {
          serverBits = bits(value);
          if (serverBits == ABSENT) {
            return null;
          }
        }
        case CLIENT_MAX_WINDOW_BITS -> {
          // §7.1.2.2: in an offer the value may be left out.
          clientBits = value == null && isOffer ? WITHOUT_VALUE : bits(value);
          if (clientBits == ABSENT) {
            return null;
          }
        }
        default -> {
          return null;
        }
      }
    }
    return new Read(
        seen.contains(SERVER_NO_CONTEXT_TAKEOVER),
        seen.contains(CLIENT_NO_CONTEXT_TAKEOVER),
        serverBits,
        clientBits);
  }

  /// §7.1.2: a decimal integer from 8 to 15 without leading zeroes.
  private static int bits(@Nullable String value) {
    return switch (value) {
      case "8" -> 8;
      case "9" -> 9;
      case "10" -> 10;
      case "11" -> 11;
      case "12" -> 12;
      case "13" -> 13;
      case "14" -> 14;
      case "15" -> 15;
      case null, default -> ABSENT;
    };
  }

  private static void addFlag(List<Parameter> parameters, String name, boolean isSet) {
    if (isSet) {
      parameters.add(new Parameter(name, null));
    }
  }

  private static void addBits(List<Parameter> parameters, String name, int bits) {
    if (bits != ABSENT) {
      parameters.add(new Parameter(name, bits == WITHOUT_VALUE ? null : Integer.toString(bits)));
    }
  }

  private static void require(boolean kept, String otherwise) throws HttpException {
    if (!kept) {
      throw new HttpException(502, otherwise);
    }
  }
}
