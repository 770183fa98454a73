package dev.pollux.net.tls;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Makes a key on P-256 and an X.509 v3 certificate (RFC 5280) that it signs itself, in memory: for
/// trying, where nobody else vouches for the server.
final class SelfSigned {
  private static final String ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
  private static final String COMMON_NAME = "2.5.4.3";
  private static final String SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
  private static final String KEY_USAGE = "2.5.29.15";
  private static final String SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
  private static final String BASIC_CONSTRAINTS = "2.5.29.19";
  private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
  private static final String SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
  private static final String CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2";

  /// The context-specific tags of GeneralName (RFC 5280 §4.2.1.6).
  private static final int DNS_NAME = 0x82;

  private static final int IP_ADDRESS = 0x87;

  /// The explicit tags of `version` and of `extensions` in TBSCertificate.
  private static final int VERSION = 0xA0;

  private static final int EXTENSIONS = 0xA3;
  private static final byte[] TRUE = {0x01, 0x01, (byte) 0xFF};

  /// Clocks differ.
  private static final Duration BEFORE_NOW = Duration.ofHours(1);

  private SelfSigned() {}

  static TlsIdentity make(List<String> names, Instant now, Duration validity) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      byte[] certificate = certificate(names, pair, now, validity);
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      X509Certificate parsed =
          (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(certificate));
      return new TlsIdentity(pair.getPrivate(), List.of(parsed));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK can't sign with P-256", e);
    }
  }

  private static byte[] certificate(
      List<String> names, KeyPair pair, Instant now, Duration validity)
      throws GeneralSecurityException {
    byte[] algorithm = Der.sequence(Der.oid(ECDSA_WITH_SHA256));
    byte[] name =
        Der.sequence(
            Der.value(
                Der.SET, Der.sequence(Der.oid(COMMON_NAME), Der.utf8String(names.getFirst()))));
    byte[] toBeSigned =
        Der.sequence(
            Der.value(VERSION, Der.integer(2)),
            // RFC 5280 §4.1.2.2: positive, and unique for its issuer.
            Der.integer(new BigInteger(126, new SecureRandom()).setBit(126)),
            algorithm,
            name,
            Der.sequence(Der.time(now.minus(BEFORE_NOW)), Der.time(now.plus(validity))),
            name,
            pair.getPublic().getEncoded(),
            Der.value(EXTENSIONS, extensions(names, pair)));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(pair.getPrivate());
    signature.update(toBeSigned);
    return Der.sequence(toBeSigned, algorithm, Der.bitString(signature.sign()));
  }

  private static byte[] extensions(List<String> names, KeyPair pair)
      throws GeneralSecurityException {
    byte[][] general = names.stream().map(SelfSigned::generalName).toArray(byte[][]::new);
    byte[] keyIdentifier = MessageDigest.getInstance("SHA-1").digest(pair.getPublic().getEncoded());
    return Der.sequence(
        extension(SUBJECT_ALTERNATIVE_NAME, false, Der.sequence(general)),
        // Its own issuer, so that whoever trusts it can name it as an authority.
        extension(BASIC_CONSTRAINTS, true, Der.sequence(TRUE)),
        // digitalSignature and keyCertSign: bits 0 and 5 (RFC 5280 §4.2.1.3).
        extension(KEY_USAGE, true, new byte[] {Der.BIT_STRING, 2, 2, (byte) 0x84}),
        extension(
            EXTENDED_KEY_USAGE,
            false,
            Der.sequence(Der.oid(SERVER_AUTHENTICATION), Der.oid(CLIENT_AUTHENTICATION))),
        extension(SUBJECT_KEY_IDENTIFIER, false, Der.octetString(keyIdentifier)));
  }

  private static byte[] extension(String oid, boolean critical, byte[] value) {
    return critical
        ? Der.sequence(Der.oid(oid), TRUE, Der.octetString(value))
        : Der.sequence(Der.oid(oid), Der.octetString(value));
  }

  private static byte[] generalName(String name) {
    if (!HostNames.isAddress(name)) {
      return Der.value(DNS_NAME, name.getBytes(StandardCharsets.US_ASCII));
    }
    try {
      return Der.value(IP_ADDRESS, InetAddress.getByName(name).getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("not an address: " + name, e);
    }
  }
}
