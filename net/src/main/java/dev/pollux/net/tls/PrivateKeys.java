package dev.pollux.net.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import java.util.Locale;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/// Private keys out of PEM files: PKCS#8 (RFC 5958), plain and encrypted, PKCS#1 (RFC 8017 §A.1.2)
/// and SEC 1 (RFC 5915), which are wrapped into PKCS#8, the one form that the JDK reads.
final class PrivateKeys {
  private static final String RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
  private static final String EC_PUBLIC_KEY = "1.2.840.10045.2.1";
  private static final int SEC1_PARAMETERS = 0xA0;

  /// PKCS#8 names the algorithm by a number; whichever factory takes it is the right one.
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

  private PrivateKeys() {}

  /// The first private key in `file`.
  ///
  /// @throws IOException naming the file, what is wrong, and what to do
  static PrivateKey read(Path file, char @Nullable [] password) throws IOException {
    byte[] parameters = {};
    for (Pem block : Pem.read(file)) {
      try {
        switch (block.label()) {
          case "PRIVATE KEY" -> {
            return parse(file, block.der());
          }
          case "ENCRYPTED PRIVATE KEY" -> {
            return parse(file, decrypt(file, block.der(), password));
          }
          case "RSA PRIVATE KEY" -> {
            return parse(file, wrapRsa(notEncrypted(file, block)));
          }
          case "EC PRIVATE KEY" -> {
            return parse(file, wrapEc(notEncrypted(file, block), parameters));
          }
          case "EC PARAMETERS" -> parameters = block.der();
          default -> {}
        }
      } catch (IllegalArgumentException e) {
        throw new IOException(
            file + ": the " + block.label() + " is damaged: " + e.getMessage(), e);
      }
    }
    throw new IOException(
        file + " has no private key (no block PRIVATE KEY, nor one for RSA or EC)");
  }

  private static PrivateKey parse(Path file, byte[] pkcs8) throws IOException {
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (InvalidKeySpecException e) {
        // Of another algorithm.
      } catch (GeneralSecurityException e) {
        throw new IOException("this JDK has no keys for " + algorithm, e);
      }
    }
    throw new IOException(
        file + ": the private key is damaged or for none of " + String.join(", ", ALGORITHMS));
  }

  private static byte[] notEncrypted(Path file, Pem block) throws IOException {
    if (block.headers().toUpperCase(Locale.ROOT).contains("ENCRYPTED")) {
      throw new IOException(
          file
              + ": the key is encrypted in OpenSSL's old way; convert it with"
              + " openssl pkcs8 -topk8 -in OLD -out NEW, and give the password of NEW");
    }
    return block.der();
  }

  private static byte[] decrypt(Path file, byte[] der, char @Nullable [] password)
      throws IOException {
    if (password == null) {
      throw new IOException(
          file
              + ": the key is encrypted; give its password, or take the encryption off with"
              + " openssl pkey -in OLD -out NEW");
    }
    PBEKeySpec spec = new PBEKeySpec(password);
    try {
      EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
      // For PBES2 only the parameters' text has the whole name: PBEWithHmacSHA256AndAES_256.
      String algorithm =
          info.getAlgName().startsWith("PBES2")
                  || info.getAlgName().startsWith("1.2.840.113549.1.5.13")
              ? info.getAlgParameters().toString()
              : info.getAlgName();
      Cipher cipher = Cipher.getInstance(algorithm);
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(algorithm).generateSecret(spec),
          info.getAlgParameters());
      return info.getKeySpec(cipher).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IOException(
          file + ": the key can't be decrypted: the password is wrong, or " + e.getMessage(), e);
    } finally {
      spec.clearPassword();
    }
  }

  private static byte[] wrapRsa(byte[] pkcs1) {
    byte[] nothing = {0x05, 0x00};
    return Der.sequence(
        Der.integer(0), Der.sequence(Der.oid(RSA_ENCRYPTION), nothing), Der.octetString(pkcs1));
  }

  /// @param parameters the curve from a block of its own; what stands in the key goes first
  private static byte[] wrapEc(byte[] sec1, byte[] parameters) {
    byte[] curve = parameters;
    for (byte[] element : Der.elements(sec1)) {
      if (Der.tag(element) == SEC1_PARAMETERS) {
        curve = Der.elements(element).getFirst();
      }
    }
    if (curve.length == 0) {
      throw new IllegalArgumentException("it does not say which curve it is on");
    }
    return Der.sequence(
        Der.integer(0), Der.sequence(Der.oid(EC_PUBLIC_KEY), curve), Der.octetString(sec1));
  }
}
