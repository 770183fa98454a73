package dev.pollux.net;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/// The same over TLS 1.2.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class Tls12EngineContractTest extends TlsEngineContractTest {
  @Override
  String version() {
    return "TLSv1.2";
  }
}
