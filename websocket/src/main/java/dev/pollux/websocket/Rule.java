package dev.pollux.websocket;

/// What a peer MUST keep to (RFC 6455, RFC 7692), and the close code that says it did not.
public enum Rule {
  /// RSV bits are 0 unless an extension that gives them a meaning was negotiated.
  RSV_BITS_ARE_ZERO("5.2", CloseCode.PROTOCOL_ERROR),
  /// Opcodes 3-7 and 11-15 are reserved.
  OPCODE_IS_DEFINED("5.2", CloseCode.PROTOCOL_ERROR),
  /// A length is written in as few bytes as it needs.
  LENGTH_IS_MINIMAL("5.2", CloseCode.PROTOCOL_ERROR),
  /// The most significant bit of a 64-bit length is 0.
  LENGTH_IS_POSITIVE("5.2", CloseCode.PROTOCOL_ERROR),
  /// A client masks every frame.
  CLIENT_MASKS("5.1", CloseCode.PROTOCOL_ERROR),
  /// A server masks no frame.
  SERVER_DOES_NOT_MASK("5.1", CloseCode.PROTOCOL_ERROR),
  /// A control frame is not fragmented.
  CONTROL_IS_NOT_FRAGMENTED("5.5", CloseCode.PROTOCOL_ERROR),
  /// A control frame's payload has at most 125 bytes.
  CONTROL_IS_SHORT("5.5", CloseCode.PROTOCOL_ERROR),
  /// A continuation frame continues something.
  CONTINUATION_HAS_BEGINNING("5.4", CloseCode.PROTOCOL_ERROR),
  /// The fragments of two messages are not interleaved.
  MESSAGES_ARE_NOT_INTERLEAVED("5.4", CloseCode.PROTOCOL_ERROR),
  /// A text message is UTF-8.
  TEXT_IS_UTF8("8.1", CloseCode.INVALID_PAYLOAD),
  /// A close frame's payload is empty, or begins with a 2-byte code.
  CLOSE_BEGINS_WITH_CODE("5.5.1", CloseCode.PROTOCOL_ERROR),
  /// A close code is one that an endpoint may send.
  CLOSE_CODE_IS_DEFINED("7.4", CloseCode.PROTOCOL_ERROR),
  /// A close reason is UTF-8.
  CLOSE_REASON_IS_UTF8("5.5.1", CloseCode.INVALID_PAYLOAD),
  /// A frame is not longer than this endpoint takes.
  FRAME_IS_WITHIN_LIMIT("10.4", CloseCode.TOO_BIG),
  /// A message is not longer than this endpoint takes.
  MESSAGE_IS_WITHIN_LIMIT("10.4", CloseCode.TOO_BIG),
  /// A message is not longer than this endpoint has memory for at the moment.
  MESSAGE_IS_WITHIN_MEMORY("10.4", CloseCode.TRY_AGAIN_LATER),
  /// A message does not have more fragments than this endpoint takes.
  FRAGMENTS_ARE_WITHIN_LIMIT("10.4", CloseCode.POLICY_VIOLATION),
  /// A compressed message is raw deflate (RFC 7692). Which code says that it is not, the RFC leaves
  /// open: 1007 is for data that is not what its message says it is (RFC 6455 §7.4.1).
  COMPRESSED_DATA_IS_DEFLATE(7692, "7.2.2", CloseCode.INVALID_PAYLOAD);

  private final int rfc;
  private final String section;
  private final int closeCode;

  Rule(String section, int closeCode) {
    this(6455, section, closeCode);
  }

  Rule(int rfc, String section, int closeCode) {
    this.rfc = rfc;
    this.section = section;
    this.closeCode = closeCode;
  }

  /// The number of the RFC that has the rule: 6455, or 7692 for an extension's.
  public int rfc() {
    return rfc;
  }

  /// The section of that RFC, for example `5.5.1`.
  public String section() {
    return section;
  }

  /// The code for the close frame that fails the connection (RFC 6455 §7.1.7).
  public int closeCode() {
    return closeCode;
  }
}
