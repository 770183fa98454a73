package dev.pollux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class SockAddrTest {

  private final SockAddr address = SockAddr.allocate(Arena.ofAuto());

  @Test
  void ipv4GoesInAndOut() {
    InetSocketAddress ipv4 = new InetSocketAddress("192.0.2.7", 65_535);
    address.set(ipv4);
    assertEquals(Socket.AF_INET, address.family());
    assertEquals(16, address.length());
    assertEquals(65_535, address.port());
    assertEquals(ipv4, address.toInetSocketAddress());
  }

  @Test
  void ipv6GoesInAndOut() {
    InetSocketAddress ipv6 = new InetSocketAddress("2001:db8::7", 8080);
    address.set(ipv6);
    assertEquals(Socket.AF_INET6, address.family());
    assertEquals(28, address.length());
    assertEquals(8080, address.port());
    assertEquals(ipv6, address.toInetSocketAddress());
  }

  @Test
  void theScopeOfALinkLocalAddressIsKept() throws UnknownHostException {
    byte[] bytes = new byte[16];
    bytes[0] = (byte) 0xfe;
    bytes[1] = (byte) 0x80;
    bytes[15] = 1;
    address.set(new InetSocketAddress(Inet6Address.getByAddress(null, bytes, 3), 1));
    InetAddress out = address.toInetSocketAddress().getAddress();
    assertEquals(3, assertInstanceOf(Inet6Address.class, out).getScopeId());
  }

  @Test
  void aShorterAddressLeavesNothingOfALongerOne() {
    address.set(new InetSocketAddress("2001:db8::7", 8080));
    address.set(new InetSocketAddress("192.0.2.7", 1));
    for (int i = 8; i < 28; i++) {
      assertEquals(0, address.segment().get(ValueLayout.JAVA_BYTE, i));
    }
  }

  @Test
  void aMappedAddressComesOutAsIpv4() {
    address.set(new InetSocketAddress("2001:db8::7", 80));
    byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 0, 2, 9};
    for (int i = 0; i < mapped.length; i++) {
      address.segment().set(ValueLayout.JAVA_BYTE, 8 + i, mapped[i]);
    }
    InetSocketAddress out = address.toInetSocketAddress();
    assertInstanceOf(Inet4Address.class, out.getAddress());
    assertEquals(new InetSocketAddress("10.0.2.9", 80), out);
  }

  @Test
  void anAddressThatIsNotSetIsNoAddress() {
    assertEquals(0, address.length());
    assertEquals(0, address.family());
    assertThrows(IllegalStateException.class, address::toInetSocketAddress);
  }

  @Test
  void aHostNameThatIsNotResolvedIsRefused() {
    var unresolved = InetSocketAddress.createUnresolved("host.invalid", 80);
    var thrown = assertThrows(IllegalArgumentException.class, () -> address.set(unresolved));
    assertEquals("unresolved host name: host.invalid", thrown.getMessage());
  }

  @Test
  void aReportedLengthBeyondTheMemoryIsCut() {
    address.length(110);
    assertEquals(28, address.length());
  }
}
