package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.tls.Certificates;
import dev.pollux.net.tls.HandshakePool;
import dev.pollux.net.tls.Tls;
import dev.pollux.net.tls.TlsClientOptions;
import dev.pollux.net.tls.TlsOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The contract of the I/O models, over TLS 1.3. Whoever is above TLS sees no difference.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TlsEngineContractTest extends EngineContractTest {
  @TempDir private Path folder;
  private final Certificates certificates = Certificates.SHARED;
  private final Map<Socket, Socket> transports = new ConcurrentHashMap<>();

  String version() {
    return "TLSv1.3";
  }

  @Override
  Engine secured(Engine engine, List<AutoCloseable> resources) throws IOException {
    HandshakePool steps = HandshakePool.start("pollux", 2);
    resources.add(steps);
    TlsOptions options = TlsOptions.of(certificates::identity).withVersions(List.of(version()));
    Path trusted = certificates.writeTrustFile(folder);
    return new SecuredEngine(
        engine,
        Tls.server(options, steps, new byte[0]),
        Tls.client(TlsClientOptions.defaults().withTrustFile(trusted), steps));
  }

  @Override
  Socket farEnd(InetSocketAddress server) throws IOException {
    Socket transport = super.farEnd(server);
    // TLS 1.2 ends its handshake in several small writes, each of which would wait for an ACK.
    transport.setTcpNoDelay(true);
    SSLSocket secured =
        (SSLSocket)
            certificates
                .trustingContext()
                .getSocketFactory()
                .createSocket(transport, "localhost", server.getPort(), true);
    transports.put(secured, transport);
    try {
      secured.startHandshake();
    } catch (IOException e) {
      transport.close();
      throw e;
    }
    assertEquals(version(), secured.getSession().getProtocol());
    return secured;
  }

  @Override
  void reset(Socket client) throws IOException {
    super.reset(Objects.requireNonNull(transports.get(client)));
  }

  /// Without a handshake nothing can be said in the words of the protocol inside.
  @Override
  @ParameterizedTest
  @EnumSource
  void moreThanMaxConnectionsAreRefusedInTheProtocolsWords(IoModel model) throws Exception {
    Engine engine = open(EngineOptions.of(model).withMaxConnections(1));
    InetSocketAddress server = engine.listen(ANY_PORT, EchoProtocol::new);
    Socket first = client(server);
    first.getOutputStream().write(1);
    assertEquals(1, first.getInputStream().read());
    SSLException e = assertThrows(SSLException.class, () -> client(server));
    assertTrue(String.valueOf(e.getMessage()).contains("internal_error"), e.toString());
    first.getOutputStream().write(3);
    assertEquals(3, first.getInputStream().read());
    assertEquals(1, engine.statistics().refused());
  }
}
