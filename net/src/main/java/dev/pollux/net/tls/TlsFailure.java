package dev.pollux.net.tls;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.security.cert.CertPathBuilderException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the JDK says of a failure, in words that tell what to do.
final class TlsFailure {
  /// `(certificate_unknown) No subject ...`: the alert that it has sent, or received, first.
  private static final Pattern WITH_ALERT = Pattern.compile("\\(([a-z_0-9]+)\\) (.*)");

  private static final String ALERT_RECEIVED = "Received fatal alert: ";

  private TlsFailure() {}

  static String sentence(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    Matcher matcher = WITH_ALERT.matcher(message);
    String words = matcher.matches() ? matcher.group(2) : message;
    if (words.startsWith(ALERT_RECEIVED)) {
      return "the peer refused, with the alert " + words.substring(ALERT_RECEIVED.length());
    }
    if (hasCause(failure, CertPathBuilderException.class)) {
      return "the peer's certificate is vouched for by no authority that is trusted here ("
          + lastMessage(failure)
          + ")";
    }
    if (words.startsWith("No subject alternative") || words.startsWith("No name matching")) {
      return "the certificate is for another name: " + words;
    }
    if (words.startsWith("Unrecognized SSL message") || words.startsWith("Unsupported or unrec")) {
      return "the peer does not speak TLS";
    }
    return words;
  }

  /// `127.0.0.1:443`, `[::1]:443`.
  static String text(@Nullable InetSocketAddress address) {
    if (address == null || address.getAddress() == null) {
      return String.valueOf(address);
    }
    String ip = address.getAddress().getHostAddress();
    return (address.getAddress() instanceof Inet6Address ? "[" + ip + "]" : ip)
        + ":"
        + address.getPort();
  }

  private static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  private static String lastMessage(Throwable failure) {
    Throwable last = failure;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    return String.valueOf(last.getMessage());
  }
}
