package dev.pollux.net.tls;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/// The far end of TLS, on the JDK's engine and nothing of ours: bytes in, bytes out.
final class EnginePeer {
  final SSLEngine engine;
  final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private final ByteBuffer plain = ByteBuffer.allocate(64 * 1024);
  private final ByteBuffer records = ByteBuffer.allocate(64 * 1024);
  private byte[] held = {};

  EnginePeer(SSLContext context, String version) {
    engine = context.createSSLEngine("localhost", 1);
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(new String[] {version});
    parameters.setApplicationProtocols(new String[] {"http/1.1"});
    engine.setSSLParameters(parameters);
  }

  boolean isDone() {
    return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
        && !engine.getSession().getProtocol().equals("NONE");
  }

  /// What it sends for its own sake: of the handshake, answers, alerts.
  byte[] own() throws SSLException {
    return send(new byte[0]);
  }

  /// The records with `bytes` in them.
  byte[] send(byte[] bytes) throws SSLException {
    ByteBuffer source = ByteBuffer.wrap(bytes);
    var out = new ByteArrayOutputStream();
    while (true) {
      runTasks();
      boolean own = engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP;
      if (!own && !source.hasRemaining() && !engine.getSession().getProtocol().equals("NONE")) {
        return out.toByteArray();
      }
      records.clear();
      SSLEngineResult result = engine.wrap(source, records);
      out.write(records.array(), 0, records.position());
      if (result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
        return out.toByteArray();
      }
    }
  }

  /// close_notify.
  byte[] close() throws SSLException {
    engine.closeOutbound();
    return own();
  }

  void receive(byte[] bytes) throws SSLException {
    byte[] all = new byte[held.length + bytes.length];
    System.arraycopy(held, 0, all, 0, held.length);
    System.arraycopy(bytes, 0, all, held.length, bytes.length);
    ByteBuffer source = ByteBuffer.wrap(all);
    while (source.hasRemaining()) {
      runTasks();
      if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        break;
      }
      plain.clear();
      SSLEngineResult result = engine.unwrap(source, plain);
      received.write(plain.array(), 0, plain.position());
      if (result.bytesConsumed() == 0 && result.getHandshakeStatus() != HandshakeStatus.NEED_TASK) {
        break;
      }
    }
    runTasks();
    held = new byte[source.remaining()];
    source.get(held);
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }
}
