package dev.pollux.bench.peer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Arrays;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// What the programs of this package take: `[--deflate] [--tls KEYSTORE] [WORD]`.
///
/// @param deflate whether permessage-deflate is negotiated with clients that offer it
/// @param keystore a PKCS#12 file with the password [#PASSWORD], or null for plain `ws`
/// @param word what else the program wants to know (Netty: the transport)
public record PeerArguments(boolean deflate, @Nullable Path keystore, String word) {
  /// Of the key store: it keeps no secret.
  public static final String PASSWORD = "pollux-bench";

  static final String HOST = "127.0.0.1";
  static final int MAX_FRAME_BYTES = 1 << 20;

  static PeerArguments of(String... arguments) {
    boolean deflate = false;
    Path keystore = null;
    String word = "";
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--deflate" -> deflate = true;
        case "--tls" -> keystore = Path.of(arguments[++i]);
        default -> word = arguments[i];
      }
    }
    return new PeerArguments(deflate, keystore, word);
  }

  /// What is in a key store.
  static KeyStore keys(Path file) throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    return keys;
  }

  /// The context for `wss`, or null for plain `ws`.
  @Nullable SSLContext tls() throws IOException, GeneralSecurityException {
    if (keystore == null) {
      return null;
    }
    KeyStore keys = keys(keystore);
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }

  /// Says where the server is, and returns when whoever started it wants it to end.
  @SuppressWarnings("SystemOut") // the program's one line of output is what it is started for
  static void serveUntilInputEnds(int port) throws IOException {
    System.out.println("listening on port " + port);
    System.out.flush();
    byte[] nothing = new byte[64];
    int read = System.in.read(nothing);
    while (read >= 0) {
      Arrays.fill(nothing, (byte) 0);
      read = System.in.read(nothing);
    }
    Runtime.getRuntime().halt(0);
  }
}
