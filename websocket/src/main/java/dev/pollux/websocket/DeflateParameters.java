package dev.pollux.websocket;

/// What two endpoints have agreed upon for permessage-deflate (RFC 7692 §7.1).
///
/// @param serverNoContextTakeover whether the server compresses each message for itself
/// @param clientNoContextTakeover whether the client does
/// @param serverMaxWindowBits 8 to 15: how far back the server's messages refer, at most
/// @param clientMaxWindowBits 8 to 15: how far back the client's do, at most
public record DeflateParameters(
    boolean serverNoContextTakeover,
    boolean clientNoContextTakeover,
    int serverMaxWindowBits,
    int clientMaxWindowBits) {

  boolean noContextTakeover(boolean ofClient) {
    return ofClient ? clientNoContextTakeover : serverNoContextTakeover;
  }

  int maxWindowBits(boolean ofClient) {
    return ofClient ? clientMaxWindowBits : serverMaxWindowBits;
  }

  /// As an element of `Sec-WebSocket-Extensions`, without what is so by default:
  /// `permessage-deflate; client_no_context_takeover`.
  public Extension toExtension() {
    return DeflateNegotiation.answer(this, false);
  }
}
