package dev.pollux.net.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// Names of hosts, and which certificate speaks for which.
final class HostNames {
  private static final int DNS_NAME = 2;

  private HostNames() {}

  /// Whether it is an address of IPv4 or IPv6, not a name: nothing is looked up for it.
  static boolean isAddress(String host) {
    return host.indexOf(':') >= 0 || host.matches("\\d{1,3}(\\.\\d{1,3}){3}");
  }

  /// The DNS names of a certificate (RFC 6125 §6.4: the alternative names only).
  static List<String> of(X509Certificate certificate) {
    List<String> names = new ArrayList<>();
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        for (List<?> alternative : alternatives) {
          if (alternative.get(0) instanceof Integer type && type == DNS_NAME) {
            names.add(((String) alternative.get(1)).toLowerCase(Locale.ROOT));
          }
        }
      }
    } catch (CertificateParsingException e) {
      // A certificate without names is chosen by no name.
      return List.of();
    }
    return List.copyOf(names);
  }

  /// Whether `pattern` (`example.org`, `*.example.org`) speaks for `host`, in lower case. RFC 6125
  /// §6.4.3: the wildcard is the whole leftmost label, and stands for one.
  static boolean matches(String pattern, String host) {
    if (!pattern.startsWith("*.")) {
      return pattern.equals(host);
    }
    int dot = host.indexOf('.');
    return dot > 0 && host.substring(dot).equals(pattern.substring(1));
  }
}
