package dev.pollux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class AvailabilityTest {

  @Test
  void linuxOnTheTwoArchitecturesIsKnown() {
    assertNull(Availability.whyNot("Linux", "amd64"));
    assertNull(Availability.whyNot("Linux", "aarch64"));
  }

  @Test
  void anotherSystemIsNamed() {
    assertEquals(
        "The system calls are those of Linux, and this is Mac OS X.",
        Availability.whyNot("Mac OS X", "aarch64"));
  }

  @Test
  void anotherArchitectureIsNamed() {
    assertEquals(
        "The structs of the kernel are known for x86-64 and aarch64, and this is riscv64.",
        Availability.whyNot("Linux", "riscv64"));
  }

  @Test
  void refusedNativeAccessNamesTheOption() {
    assertEquals(
        "This JVM refuses native access: start it with --enable-native-access=ALL-UNNAMED.",
        Availability.whyNot(new IllegalCallerException()));
  }

  @Test
  void whatIsAvailableHasNoReasonNotToBe() {
    assertEquals(LinuxKernel.available(), LinuxKernel.whyUnavailable() == null);
  }
}
