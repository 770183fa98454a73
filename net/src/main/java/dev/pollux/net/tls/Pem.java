package dev.pollux.net.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A block of a PEM file (RFC 7468): what stands between `BEGIN label` and `END label`.
final class Pem {
  private static final long MAX_FILE_BYTES = 4 << 20;

  private static final Pattern BLOCK =
      Pattern.compile(
          "-----BEGIN ([A-Z0-9 ]+)-----\\s*?\\R((?:[A-Za-z-]+: .*\\R(?:[ \\t].*\\R)*)*)"
              + "([A-Za-z0-9+/=\\s]*?)-----END \\1-----");

  private final String label;
  private final String headers;
  private final byte[] der;

  private Pem(String label, String headers, byte[] der) {
    this.label = label;
    this.headers = headers;
    this.der = der;
  }

  String label() {
    return label;
  }

  /// The lines of RFC 1421 (`Proc-Type: 4,ENCRYPTED`) that old files have, or empty.
  String headers() {
    return headers;
  }

  byte[] der() {
    return der;
  }

  /// The blocks of a file, in order; text between them is left out.
  ///
  /// @throws IOException naming the file and what is wrong with it
  static List<Pem> read(Path file) throws IOException {
    String text;
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new IOException(file + " is not a PEM file: it has more than 4 MiB");
      }
      text = Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no file " + file, e);
    } catch (AccessDeniedException e) {
      throw new IOException(file + " can't be read: permission denied", e);
    }
    List<Pem> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      try {
        byte[] der = Base64.getMimeDecoder().decode(matcher.group(3));
        blocks.add(new Pem(matcher.group(1), matcher.group(2), der));
      } catch (IllegalArgumentException e) {
        throw new IOException(file + ": the block " + matcher.group(1) + " is not Base64", e);
      }
    }
    if (blocks.isEmpty()) {
      throw new IOException(
          file + " is not a PEM file: there is no whole block -----BEGIN ...----- in it");
    }
    return List.copyOf(blocks);
  }
}
