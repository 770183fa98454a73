package dev.pollux.net.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/// Many clients of the JDK's over TLS in a process of their own: each connects, sends a byte and
/// checks its echo. Prints `held N`, then waits for its standard input to end.
final class TlsFarEnds {
  private TlsFarEnds() {}

  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    int count = Integer.parseInt(arguments[1]);
    CompletableFuture.delayedExecutor(150, TimeUnit.SECONDS)
        .execute(() -> Runtime.getRuntime().halt(3));
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    X509Certificate trusted = TlsIdentity.certificatesIn(Path.of(arguments[2])).getFirst();
    store.setCertificateEntry("trusted", trusted);
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    List<SSLSocket> sockets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SSLSocket socket =
          (SSLSocket)
              context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      socket.getOutputStream().write(i);
      if (socket.getInputStream().read() != (i & 0xff)) {
        throw new IOException("connection " + i + " got another answer than its own");
      }
      sockets.add(socket);
    }
    System.out.println("held " + sockets.size());
    while (System.in.read() >= 0) {
      // The test ends our input when it has seen enough.
    }
  }

  static Process start(int port, int count, Path trusted) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            TlsFarEnds.class.getName(),
            Integer.toString(port),
            Integer.toString(count),
            trusted.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
