package dev.pollux.websocket;

/// Why a WebSocket was closed (RFC 6455 §7.4.1, and IANA's WebSocket Close Code Number Registry for
/// 1012-1014).
public final class CloseCode {
  public static final int NORMAL = 1000;
  public static final int GOING_AWAY = 1001;
  public static final int PROTOCOL_ERROR = 1002;
  public static final int UNSUPPORTED_DATA = 1003;

  /// Never on the wire: the close frame had no code.
  public static final int NO_STATUS = 1005;

  /// Never on the wire: the connection ended without a close frame.
  public static final int ABNORMAL = 1006;

  public static final int INVALID_PAYLOAD = 1007;
  public static final int POLICY_VIOLATION = 1008;
  public static final int TOO_BIG = 1009;
  public static final int MANDATORY_EXTENSION = 1010;
  public static final int INTERNAL_ERROR = 1011;
  public static final int SERVICE_RESTART = 1012;
  public static final int TRY_AGAIN_LATER = 1013;
  public static final int BAD_GATEWAY = 1014;

  /// Never on the wire: the TLS handshake failed.
  public static final int TLS_HANDSHAKE = 1015;

  private CloseCode() {}

  /// Whether a close frame may carry the code (RFC 6455 §7.4): 1000-1003, 1007-1014 and 3000-4999.
  /// 1004 is reserved; 1005, 1006 and 1015 are words for what no frame says; 0-999 and 5000 up do
  /// not exist; the rest of 1000-2999 is undefined. The same codes are accepted when received.
  public static boolean mayBeSent(int code) {
    return (code >= NORMAL && code <= UNSUPPORTED_DATA)
        || (code >= INVALID_PAYLOAD && code <= BAD_GATEWAY)
        || (code >= 3000 && code <= 4999);
  }
}
