/// TLS as a protocol around a protocol: what is above and what is below see bytes.
///
/// [dev.pollux.net.tls.Tls] makes the server's side and the client's. Both wrap a
/// [dev.pollux.net.Protocol]; the wrapped one meets a [dev.pollux.net.tls.SecureConnection] when
/// the handshake is done. The records, the handshake and the ciphers are the JDK's `SSLEngine`.
@NullMarked
package dev.pollux.net.tls;

import org.jspecify.annotations.NullMarked;
