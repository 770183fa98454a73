package dev.pollux.lab.load;

import java.util.SplittableRandom;

/// Text that compresses about as prose does: words out of a few hundred, in any order, in ASCII.
final class Prose {
  private static final int VOCABULARY = 400;
  private static final int LEAST_LETTERS = 2;
  private static final int MOST_LETTERS = 10;

  private Prose() {}

  /// Fills `bytes`; the same random numbers give the same text.
  static void fill(byte[] bytes, SplittableRandom random) {
    byte[][] vocabulary = new byte[VOCABULARY][];
    for (int i = 0; i < VOCABULARY; i++) {
      byte[] word = new byte[random.nextInt(LEAST_LETTERS, MOST_LETTERS + 1) + 1];
      for (int letter = 0; letter < word.length - 1; letter++) {
        word[letter] = (byte) ('a' + random.nextInt('z' - 'a' + 1));
      }
      word[word.length - 1] = ' ';
      vocabulary[i] = word;
    }
    for (int at = 0; at < bytes.length; ) {
      byte[] word = vocabulary[random.nextInt(VOCABULARY)];
      int length = Math.min(word.length, bytes.length - at);
      System.arraycopy(word, 0, bytes, at, length);
      at += length;
    }
  }
}
