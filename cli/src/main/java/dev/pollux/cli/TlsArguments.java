package dev.pollux.cli;

import dev.pollux.net.tls.ClientAuthentication;
import dev.pollux.net.tls.TlsIdentity;
import dev.pollux.net.tls.TlsOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// The words about TLS on the command line of `serve`.
final class TlsArguments {
  private static final Duration SELF_SIGNED_VALIDITY = Duration.ofDays(30);

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = {
        "Speak TLS (wss, https) with the certificate in this PEM file, its own first, then its"
            + " issuers'. Read again when the file changes. Several: one --tls-cert and --tls-key"
            + " for each name; clients that ask for none of them get the first"
      })
  private List<Path> certificates = new ArrayList<>();

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "Its private key, PEM: PKCS#8, PKCS#1 (RSA) or SEC 1 (EC)")
  private List<Path> keys = new ArrayList<>();

  @Option(
      names = "--tls-key-password-file",
      paramLabel = "FILE",
      description = "The first line of this file decrypts the keys")
  private @Nullable Path passwordFile;

  @Option(
      names = "--tls-client-ca",
      paramLabel = "FILE",
      description =
          "Ask clients for a certificate that an authority in this PEM file vouches for, and refuse"
              + " those that have none")
  private @Nullable Path clientAuthorities;

  @Option(
      names = "--tls-client-optional",
      description = "With --tls-client-ca: serve clients without a certificate, too")
  private boolean clientOptional;

  @Option(
      names = "--tls-self-signed",
      description = {
        "Speak TLS with a certificate made on the spot, for localhost, 127.0.0.1 and ::1. For"
            + " trying: no client trusts it unless it is told to"
      })
  private boolean selfSigned;

  /// Null: TLS is not asked for.
  ///
  /// @throws IOException if the file with the password can't be read
  @Nullable TlsOptions options() throws IOException {
    if (selfSigned) {
      List<String> names = List.of("localhost", "127.0.0.1", "::1");
      TlsIdentity identity = TlsIdentity.selfSigned(names, SELF_SIGNED_VALIDITY);
      return withClients(TlsOptions.of(() -> identity));
    }
    if (certificates.isEmpty()) {
      return null;
    }
    char[] password = password();
    TlsOptions options = null;
    for (int i = 0; i < certificates.size(); i++) {
      TlsIdentity.Source files = TlsIdentity.files(certificates.get(i), keys.get(i), password);
      options = options == null ? TlsOptions.of(files) : options.withIdentity(files);
    }
    return options == null ? null : withClients(options);
  }

  boolean isSelfSigned() {
    return selfSigned;
  }

  private TlsOptions withClients(TlsOptions options) {
    if (clientAuthorities == null) {
      return options;
    }
    return options.withClientAuthentication(
        clientOptional ? ClientAuthentication.WANTED : ClientAuthentication.NEEDED,
        clientAuthorities);
  }

  private char @Nullable [] password() throws IOException {
    Path file = passwordFile;
    if (file == null) {
      return null;
    }
    if (!Files.isReadable(file)) {
      throw new IOException("the password can't be read: " + file);
    }
    List<String> lines = Files.readAllLines(file);
    return lines.isEmpty() ? new char[0] : lines.getFirst().toCharArray();
  }

  /// Refuses words that do not fit together.
  void check(CommandSpec spec) {
    if (certificates.size() != keys.size()) {
      throw new ParameterException(
          spec.commandLine(),
          "there are "
              + certificates.size()
              + " --tls-cert and "
              + keys.size()
              + " --tls-key: each certificate needs its key");
    }
    if (selfSigned && !certificates.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--tls-self-signed and --tls-cert exclude each other");
    }
    boolean tls = selfSigned || !certificates.isEmpty();
    if (!tls && (clientAuthorities != null || passwordFile != null)) {
      throw new ParameterException(
          spec.commandLine(),
          "--tls-client-ca and --tls-key-password-file need --tls-cert or --tls-self-signed");
    }
    if (clientOptional && clientAuthorities == null) {
      throw new ParameterException(
          spec.commandLine(), "--tls-client-optional needs --tls-client-ca");
    }
  }
}
