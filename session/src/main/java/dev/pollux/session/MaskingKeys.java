package dev.pollux.session;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/// Keys for a client's frames: from a strong source of entropy, so that nobody can predict them
/// (RFC 6455 §5.3), and drawn for many frames at once, because each draw costs about a microsecond.
final class MaskingKeys {
  private static final int DRAWN_BYTES = 1024;
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final ThreadLocal<MaskingKeys> OF_THREAD =
      ThreadLocal.withInitial(MaskingKeys::new);

  private final ByteBuffer drawn = ByteBuffer.allocate(DRAWN_BYTES).limit(0);

  private MaskingKeys() {}

  static int next() {
    return OF_THREAD.get().take();
  }

  private int take() {
    if (!drawn.hasRemaining()) {
      RANDOM.nextBytes(drawn.array());
      drawn.clear();
    }
    return drawn.getInt();
  }
}
