package dev.pollux.net.tls;

import java.io.IOException;
import java.util.concurrent.Executor;

/// Where TLS begins.
///
/// ```java
/// TlsServer tls = Tls.server(TlsOptions.files(certificates, key), steps, new byte[0]);
/// engine.listen(address, () -> tls.wrap(new Echo()));
/// TlsClient tls = Tls.client(TlsClientOptions.defaults(), steps);
/// engine.connect(address, tls.wrap(new Talker(), "example.org", 443));
/// ```
public final class Tls {
  private Tls() {}

  /// The server's side.
  ///
  /// @param steps runs the costly steps of handshakes, a [HandshakePool] most likely; it must
  ///   outlive the engine's connections
  /// @param answerToPlainText what a peer gets that speaks text to this port, as HTTP in clear
  ///   does, before it is disconnected; may be empty. Not copied
  /// @throws IOException naming the file and what is wrong with it
  public static TlsServer server(TlsOptions options, Executor steps, byte[] answerToPlainText)
      throws IOException {
    return new TlsServer(options, steps, answerToPlainText);
  }

  /// The client's side.
  ///
  /// @param steps as for the server
  /// @throws IOException naming the file and what is wrong with it
  public static TlsClient client(TlsClientOptions options, Executor steps) throws IOException {
    return new TlsClient(options, steps);
  }
}
