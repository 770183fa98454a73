package dev.pollux.fuzz;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The inputs in the repository, and a few thousand that are nearly the same, without a fuzzer.
class CorpusTest {
  private static final int VARIANTS = 200;

  @ParameterizedTest
  @EnumSource
  void everyInputKeepsTheProperties(Target target) throws Exception {
    assertFalse(target.inputs().isEmpty());
    for (Path file : target.inputs()) {
      byte[] input = Files.readAllBytes(file);
      assertDoesNotThrow(() -> target.run(input), file::toString);
    }
  }

  @ParameterizedTest
  @EnumSource
  void soDoInputsThatDifferALittle(Target target) throws Exception {
    long seed = System.nanoTime();
    System.out.println("CorpusTest seed " + seed + ", " + target);
    var random = new Random(seed);
    for (Path file : target.inputs()) {
      byte[] input = Files.readAllBytes(file);
      for (int i = 0; i < VARIANTS; i++) {
        byte[] changed = change(input, random);
        assertDoesNotThrow(() -> target.run(changed), () -> file + ", seed " + seed);
      }
    }
  }

  private static byte[] change(byte[] input, Random random) {
    byte[] changed = java.util.Arrays.copyOf(input, random.nextInt(input.length + 4));
    for (int n = random.nextInt(3); n >= 0 && changed.length > 0; n--) {
      int at = random.nextInt(changed.length);
      changed[at] =
          (byte) (random.nextBoolean() ? changed[at] ^ 1 << random.nextInt(8) : random.nextInt());
    }
    return changed;
  }
}
