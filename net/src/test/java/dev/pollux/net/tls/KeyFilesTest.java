package dev.pollux.net.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Keys and certificates as OpenSSL writes them, and files that are not what they should be.
final class KeyFilesTest {
  private static final int DEADLINE_SECONDS = 60;

  @TempDir private Path folder;

  private Path file(String name) {
    return folder.resolve(name);
  }

  private void openssl(String words) throws Exception {
    Path openssl = Path.of("/usr/bin/openssl");
    boolean isThere = Files.isExecutable(openssl);
    if ("required".equals(System.getProperty("pollux.outside"))) {
      assertTrue(isThere, "there is no " + openssl);
    }
    assumeTrue(isThere, "there is no " + openssl);
    List<String> command = new ArrayList<>(List.of(openssl.toString()));
    command.addAll(List.of(words.split(" ")));
    Path said = Files.createTempFile(folder, "openssl", ".out");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    assertTrue(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS), words);
    assertEquals(0, process.exitValue(), () -> words + ": " + text(said));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, ISO_8859_1);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private TlsIdentity load(String key, @Nullable String password) throws IOException {
    return TlsIdentity.files(
            file("cert.pem"), file(key), password == null ? null : password.toCharArray())
        .load();
  }

  private void certificateFor(String key) throws Exception {
    openssl("req -x509 -new -key " + key + " -out cert.pem -days 2 -subj /CN=localhost");
  }

  @ParameterizedTest
  @CsvSource({
    "RSA -pkeyopt rsa_keygen_bits:2048, RSA, PRIVATE KEY",
    "RSA-PSS -pkeyopt rsa_keygen_bits:2048, RSASSA-PSS, PRIVATE KEY",
    "EC -pkeyopt ec_paramgen_curve:P-256, EC, PRIVATE KEY",
    "EC -pkeyopt ec_paramgen_curve:P-384, EC, PRIVATE KEY",
    "ED25519, EdDSA, PRIVATE KEY"
  })
  void pkcs8IsRead(String kind, String algorithm, String label) throws Exception {
    openssl("genpkey -algorithm " + kind + " -out key.pem");
    assertTrue(text(file("key.pem")).startsWith("-----BEGIN " + label + "-----"));
    certificateFor("key.pem");
    assertEquals(algorithm, load("key.pem", null).key().getAlgorithm());
  }

  @Test
  void pkcs1IsRead() throws Exception {
    openssl("genrsa -traditional -out key.pem 2048");
    assertTrue(text(file("key.pem")).startsWith("-----BEGIN RSA PRIVATE KEY-----"));
    certificateFor("key.pem");
    assertEquals("RSA", load("key.pem", null).key().getAlgorithm());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " -noout"})
  void sec1IsReadWithItsCurveInAndBesideTheKey(String parameters) throws Exception {
    openssl("ecparam -name prime256v1 -genkey -out key.pem");
    if (!parameters.isEmpty()) {
      // The curve stands in the key, too.
      String text = text(file("key.pem"));
      Files.writeString(file("key.pem"), text.substring(text.indexOf("-----BEGIN EC PRIVATE")));
    }
    assertTrue(text(file("key.pem")).contains("-----BEGIN EC PRIVATE KEY-----"));
    certificateFor("key.pem");
    assertEquals("EC", load("key.pem", null).key().getAlgorithm());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-v2 aes256",
        "-v2 aes128 -v2prf hmacWithSHA1",
        "-v2 aes256 -v2prf hmacWithSHA512",
        "-v1 PBE-SHA1-3DES"
      })
  void encryptedPkcs8IsReadWithItsPassword(String how) throws Exception {
    openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out plain.pem");
    certificateFor("plain.pem");
    openssl("pkcs8 -topk8 -in plain.pem -out key.pem -passout pass:secret " + how);
    assertTrue(text(file("key.pem")).startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    assertEquals(load("plain.pem", null).key(), load("key.pem", "secret").key());

    IOException none = assertThrows(IOException.class, () -> load("key.pem", null));
    assertEquals(
        file("key.pem")
            + ": the key is encrypted; give its password, or take the encryption off with openssl"
            + " pkey -in OLD -out NEW",
        none.getMessage());
    IOException wrong = assertThrows(IOException.class, () -> load("key.pem", "wrong"));
    assertTrue(
        String.valueOf(wrong.getMessage())
            .startsWith(file("key.pem") + ": the key can't be decrypted: the password is wrong"),
        wrong.getMessage());
  }

  @Test
  void openSslsOldEncryptionIsRefusedWithWhatToDo() throws Exception {
    openssl("genrsa -traditional -aes128 -passout pass:secret -out key.pem 2048");
    assertTrue(text(file("key.pem")).contains("Proc-Type: 4,ENCRYPTED"));
    openssl("req -x509 -new -key key.pem -passin pass:secret -out cert.pem -subj /CN=localhost");
    IOException e = assertThrows(IOException.class, () -> load("key.pem", "secret"));
    assertEquals(
        file("key.pem")
            + ": the key is encrypted in OpenSSL's old way; convert it with openssl pkcs8 -topk8"
            + " -in OLD -out NEW, and give the password of NEW",
        e.getMessage());
  }

  // Without OpenSSL

  private static final TlsIdentity ONE =
      TlsIdentity.selfSigned(List.of("localhost"), Duration.ofDays(1));

  private static String pem(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }

  private String refusal(String certificates, String key) throws IOException {
    Files.writeString(file("cert.pem"), certificates);
    Files.writeString(file("key.pem"), key);
    IOException e = assertThrows(IOException.class, () -> load("key.pem", null));
    return String.valueOf(e.getMessage()).replace(folder + "/", "");
  }

  @Test
  void bothInOneFileWithTextAroundAreRead() throws Exception {
    String key = pem("PRIVATE KEY", ONE.key().getEncoded());
    Files.writeString(file("cert.pem"), "Bag Attributes\r\n" + key + "more\n" + ONE.pem() + "end");
    assertEquals(ONE, load("cert.pem", null));
  }

  @Test
  void aKeyOfAnotherCertificateIsRefused() throws Exception {
    TlsIdentity two = TlsIdentity.selfSigned(List.of("two.example"), Duration.ofDays(1));
    assertEquals(
        "the private key in key.pem does not belong to the first certificate in cert.pem"
            + " (CN=localhost)",
        refusal(ONE.pem(), pem("PRIVATE KEY", two.key().getEncoded())));
  }

  @Test
  void whatIsMissingIsNamed() throws Exception {
    String key = pem("PRIVATE KEY", ONE.key().getEncoded());
    assertEquals("cert.pem has no certificate (no block CERTIFICATE)", refusal(key, key));
    assertEquals(
        "key.pem has no private key (no block PRIVATE KEY, nor one for RSA or EC)",
        refusal(ONE.pem(), ONE.pem()));
    assertEquals(
        "key.pem is not a PEM file: there is no whole block -----BEGIN ...----- in it",
        refusal(ONE.pem(), ""));
    Files.delete(file("key.pem"));
    IOException e = assertThrows(IOException.class, () -> load("key.pem", null));
    assertEquals("there is no file " + file("key.pem"), e.getMessage());
  }

  @Test
  void whatIsDamagedIsNamed() throws Exception {
    byte[] pkcs8 = ONE.key().getEncoded();
    String key = pem("PRIVATE KEY", pkcs8);
    assertEquals(
        "key.pem is not a PEM file: there is no whole block -----BEGIN ...----- in it",
        refusal(ONE.pem(), key.substring(0, key.length() / 2)));
    pkcs8[0] ^= 0x55;
    assertTrue(
        refusal(ONE.pem(), pem("PRIVATE KEY", pkcs8))
            .startsWith("key.pem: the private key is damaged or for none of RSA, EC, EdDSA"));
    String certificate = ONE.pem().replace("MII", "AAA");
    assertTrue(refusal(certificate, key).startsWith("cert.pem: certificate 1 is damaged: "));
    assertTrue(
        refusal(ONE.pem() + certificate, key).startsWith("cert.pem: certificate 2 is damaged: "));
    for (String label : List.of("RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY")) {
      String refusal = refusal(ONE.pem(), pem(label, new byte[] {1, 2, 3}));
      assertTrue(refusal.startsWith("key.pem: the "), refusal);
    }
  }
}
