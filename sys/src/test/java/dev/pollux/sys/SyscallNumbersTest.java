package dev.pollux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The numbers themselves are compared with the headers of C in [COracleTest].
class SyscallNumbersTest {

  @Test
  void aCallIsNamedAsTheProgramCalledIt() {
    assertEquals("recv", SyscallNumbers.nameOf(numberHere("recvfrom")));
    assertEquals("send", SyscallNumbers.nameOf(numberHere("sendto")));
    assertEquals("epoll_wait", SyscallNumbers.nameOf(numberHere("epoll_pwait")));
    assertEquals("futex", SyscallNumbers.nameOf(numberHere("futex")));
  }

  private static int numberHere(String kernelsName) {
    return SyscallNumbers.of(System.getProperty("os.arch")).getOrDefault(kernelsName, -1);
  }

  @Test
  void aCallThatIsNotKnownHereHasItsNumber() {
    assertEquals("system call 9999", SyscallNumbers.nameOf(9999));
  }

  @Test
  void noNumberHasTwoNames() {
    for (String architecture : new String[] {"amd64", "aarch64"}) {
      Map<String, Integer> numbers = SyscallNumbers.of(architecture);
      assertEquals(numbers.size(), new HashSet<>(numbers.values()).size(), architecture);
    }
  }
}
