package dev.pollux.cli;

import dev.pollux.net.tls.TlsClientOptions;
import dev.pollux.net.tls.TlsIdentity;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// The words about TLS on the command line of those who connect.
final class ClientTlsArguments {
  @Option(
      names = "--tls-trust",
      paramLabel = "FILE",
      description = "For wss: trust the PEM certificates in this file and no others.")
  private @Nullable Path trust;

  @Option(names = "--tls-insecure", description = "For wss: take any certificate. Only for trying.")
  private boolean insecure;

  @Option(
      names = "--tls-server-name",
      paramLabel = "NAME",
      description = "For wss: the name to ask for and to find in the certificate.")
  private @Nullable String serverName;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "For wss: the certificate to show to a server that asks for one, PEM.")
  private @Nullable Path certificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "Its private key, PEM: PKCS#8, PKCS#1 (RSA) or SEC 1 (EC).")
  private @Nullable Path key;

  TlsClientOptions options() {
    TlsClientOptions options = TlsClientOptions.defaults().withInsecure(insecure);
    if (trust != null) {
      options = options.withTrustFile(trust);
    }
    if (certificate != null && key != null) {
      options = options.withIdentity(TlsIdentity.files(certificate, key));
    }
    return serverName == null ? options : options.withServerName(serverName);
  }

  /// Refuses words that do not fit together.
  ///
  /// @param url where it connects to
  void check(CommandSpec spec, String url) {
    if ((certificate == null) != (key == null)) {
      throw new ParameterException(
          spec.commandLine(), "--tls-cert and --tls-key belong together: one of them is missing");
    }
    boolean any = insecure || trust != null || serverName != null || certificate != null;
    if (any && url.regionMatches(true, 0, "ws:", 0, 3)) {
      throw new ParameterException(
          spec.commandLine(), "the --tls- options are for wss: addresses; this is " + url);
    }
  }
}
