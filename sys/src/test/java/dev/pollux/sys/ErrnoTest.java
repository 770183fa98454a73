package dev.pollux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ErrnoTest {

  @Test
  void aNumberHasItsName() {
    assertEquals("EPERM", Errno.name(1));
    assertEquals("EAGAIN", Errno.name(Errno.EAGAIN));
    assertEquals("EHWPOISON", Errno.name(133));
  }

  @Test
  void aNumberWithoutANameIsShown() {
    assertEquals("errno 0", Errno.name(0));
    assertEquals("errno 41", Errno.name(41));
    assertEquals("errno 134", Errno.name(134));
    assertEquals("errno -11", Errno.name(-11));
    assertEquals("errno " + Integer.MIN_VALUE, Errno.name(Integer.MIN_VALUE));
  }

  @Test
  void aResultIsDescribed() {
    assertEquals("ECONNREFUSED", Errno.describe(-Errno.ECONNREFUSED));
    assertEquals("0", Errno.describe(0));
    assertEquals("42", Errno.describe(42));
    assertEquals("errno 999", Errno.describe(-999));
  }
}
