package dev.pollux.net.tls;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The header of a TLS record (RFC 8446 §5.1): `type`, `legacy_record_version`, `length`.
final class TlsRecord {
  static final int HEADER_BYTES = 5;

  /// The largest record that the JDK's engine takes without enlarging its buffers; RFC 8446 §5.2
  /// allows 16,384 + 256 bytes behind the header, and TLS 1.2 without compression never needs more
  /// than this.
  static final int MAX_BYTES = 16_709;

  /// change_cipher_spec to heartbeat: the types that there are.
  static final int LEAST_TYPE = 20;

  static final int LAST_TYPE = 24;
  static final int ALERT = 21;
  static final int HANDSHAKE = 22;

  /// A fatal alert, internal_error (RFC 8446 §6), for a peer that can't be served at all: it needs
  /// no handshake.
  static final byte[] INTERNAL_ERROR_ALERT = {ALERT, 3, 3, 0, 2, 2, 80};

  private TlsRecord() {}

  static int type(MemorySegment buffer, int offset) {
    return buffer.get(ValueLayout.JAVA_BYTE, offset) & 0xff;
  }

  /// Header and content together; the header has to be there.
  static int length(MemorySegment buffer, int offset) {
    return HEADER_BYTES
        + ((buffer.get(ValueLayout.JAVA_BYTE, offset + 3L) & 0xff) << 8)
        + (buffer.get(ValueLayout.JAVA_BYTE, offset + 4L) & 0xff);
  }
}
