package dev.pollux.net.simulation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A queue of bytes of bounded size.
final class Bytes {
  private final byte[] ring;
  private int first;
  private int size;

  Bytes(int capacity) {
    ring = new byte[capacity];
  }

  int size() {
    return size;
  }

  int capacity() {
    return ring.length;
  }

  int room() {
    return ring.length - size;
  }

  void clear() {
    size = 0;
  }

  void add(MemorySegment source, long offset, int length) {
    int at = (first + size) % ring.length;
    int straight = Math.min(length, ring.length - at);
    MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, ring, at, straight);
    MemorySegment.copy(
        source, ValueLayout.JAVA_BYTE, offset + straight, ring, 0, length - straight);
    size += length;
  }

  void add(byte[] source, int offset, int length) {
    int at = (first + size) % ring.length;
    int straight = Math.min(length, ring.length - at);
    System.arraycopy(source, offset, ring, at, straight);
    System.arraycopy(source, offset + straight, ring, 0, length - straight);
    size += length;
  }

  void take(MemorySegment target, int length) {
    int straight = Math.min(length, ring.length - first);
    MemorySegment.copy(ring, first, target, ValueLayout.JAVA_BYTE, 0, straight);
    MemorySegment.copy(ring, 0, target, ValueLayout.JAVA_BYTE, straight, length - straight);
    skip(length);
  }

  void take(byte[] target, int offset, int length) {
    int straight = Math.min(length, ring.length - first);
    System.arraycopy(ring, first, target, offset, straight);
    System.arraycopy(ring, 0, target, offset + straight, length - straight);
    skip(length);
  }

  void moveTo(Bytes target, int length) {
    int straight = Math.min(length, ring.length - first);
    target.add(ring, first, straight);
    target.add(ring, 0, length - straight);
    skip(length);
  }

  private void skip(int length) {
    first = (first + length) % ring.length;
    size -= length;
  }
}
