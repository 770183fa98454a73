package dev.pollux.sys;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import org.jspecify.annotations.Nullable;

/// The error numbers of Linux, errno(3), as positive numbers. A call of [Kernel] returns them
/// negated.
///
/// The numbers are those of x86-64 and aarch64; other architectures have some of their own. Where
/// two names share a number (`EWOULDBLOCK`, `EDEADLOCK`, `ENOTSUP`) only the first one is here.
public final class Errno {

  /// The caller lacks the privilege.
  public static final int EPERM = 1;

  /// No such file; `epoll_ctl`: the descriptor is not registered.
  public static final int ENOENT = 2;

  public static final int ESRCH = 3;

  /// A signal arrived before the call had done anything; try again.
  public static final int EINTR = 4;

  public static final int EIO = 5;
  public static final int ENXIO = 6;
  public static final int E2BIG = 7;
  public static final int ENOEXEC = 8;

  /// Not an open descriptor.
  public static final int EBADF = 9;

  public static final int ECHILD = 10;

  /// The call would have to wait, and the descriptor is non-blocking. Linux gives `EWOULDBLOCK` the
  /// same number.
  public static final int EAGAIN = 11;

  /// The kernel is out of memory.
  public static final int ENOMEM = 12;

  /// Permission denied; `bind`: a port below 1024 without the privilege.
  public static final int EACCES = 13;

  /// A pointer that the kernel cannot follow.
  public static final int EFAULT = 14;

  public static final int ENOTBLK = 15;
  public static final int EBUSY = 16;

  /// `epoll_ctl`: the descriptor is registered already.
  public static final int EEXIST = 17;

  public static final int EXDEV = 18;
  public static final int ENODEV = 19;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;

  /// An argument that the kernel does not accept.
  public static final int EINVAL = 22;

  /// The whole system has no descriptor left.
  public static final int ENFILE = 23;

  /// The process has no descriptor left (`RLIMIT_NOFILE`).
  public static final int EMFILE = 24;

  public static final int ENOTTY = 25;
  public static final int ETXTBSY = 26;
  public static final int EFBIG = 27;

  /// `epoll_ctl`: the limit of watches per user is reached.
  public static final int ENOSPC = 28;

  public static final int ESPIPE = 29;
  public static final int EROFS = 30;
  public static final int EMLINK = 31;

  /// Nobody is left to read what is written.
  public static final int EPIPE = 32;

  public static final int EDOM = 33;
  public static final int ERANGE = 34;
  public static final int EDEADLK = 35;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOLCK = 37;
  public static final int ENOSYS = 38;
  public static final int ENOTEMPTY = 39;

  /// Too many symbolic links; `epoll_ctl`: epoll descriptors that watch each other.
  public static final int ELOOP = 40;

  public static final int ENOMSG = 42;
  public static final int EIDRM = 43;
  public static final int ECHRNG = 44;
  public static final int EL2NSYNC = 45;
  public static final int EL3HLT = 46;
  public static final int EL3RST = 47;
  public static final int ELNRNG = 48;
  public static final int EUNATCH = 49;
  public static final int ENOCSI = 50;
  public static final int EL2HLT = 51;
  public static final int EBADE = 52;
  public static final int EBADR = 53;
  public static final int EXFULL = 54;
  public static final int ENOANO = 55;
  public static final int EBADRQC = 56;
  public static final int EBADSLT = 57;
  public static final int EBFONT = 59;
  public static final int ENOSTR = 60;
  public static final int ENODATA = 61;
  public static final int ETIME = 62;
  public static final int ENOSR = 63;
  public static final int ENONET = 64;
  public static final int ENOPKG = 65;
  public static final int EREMOTE = 66;
  public static final int ENOLINK = 67;
  public static final int EADV = 68;
  public static final int ESRMNT = 69;
  public static final int ECOMM = 70;
  public static final int EPROTO = 71;
  public static final int EMULTIHOP = 72;
  public static final int EDOTDOT = 73;
  public static final int EBADMSG = 74;
  public static final int EOVERFLOW = 75;
  public static final int ENOTUNIQ = 76;
  public static final int EBADFD = 77;
  public static final int EREMCHG = 78;
  public static final int ELIBACC = 79;
  public static final int ELIBBAD = 80;
  public static final int ELIBSCN = 81;
  public static final int ELIBMAX = 82;
  public static final int ELIBEXEC = 83;
  public static final int EILSEQ = 84;
  public static final int ERESTART = 85;
  public static final int ESTRPIPE = 86;
  public static final int EUSERS = 87;

  /// A descriptor that is not a socket.
  public static final int ENOTSOCK = 88;

  public static final int EDESTADDRREQ = 89;

  /// A message that is too long, or a vector of more than `IOV_MAX` pieces.
  public static final int EMSGSIZE = 90;

  public static final int EPROTOTYPE = 91;

  /// No such socket option.
  public static final int ENOPROTOOPT = 92;

  public static final int EPROTONOSUPPORT = 93;
  public static final int ESOCKTNOSUPPORT = 94;

  /// The socket does not know this operation.
  public static final int EOPNOTSUPP = 95;

  public static final int EPFNOSUPPORT = 96;
  public static final int EAFNOSUPPORT = 97;

  /// The address is taken.
  public static final int EADDRINUSE = 98;

  /// The address is none of this machine.
  public static final int EADDRNOTAVAIL = 99;

  public static final int ENETDOWN = 100;

  /// No route to the network.
  public static final int ENETUNREACH = 101;

  public static final int ENETRESET = 102;

  /// `accept4`: the peer went away before its connection was accepted.
  public static final int ECONNABORTED = 103;

  /// The peer has reset the connection.
  public static final int ECONNRESET = 104;

  /// The kernel has no buffer left.
  public static final int ENOBUFS = 105;

  /// The socket is connected already.
  public static final int EISCONN = 106;

  /// The socket is not connected.
  public static final int ENOTCONN = 107;

  public static final int ESHUTDOWN = 108;
  public static final int ETOOMANYREFS = 109;

  /// The peer did not answer in time.
  public static final int ETIMEDOUT = 110;

  /// Nobody listens at the address.
  public static final int ECONNREFUSED = 111;

  public static final int EHOSTDOWN = 112;

  /// No route to the host.
  public static final int EHOSTUNREACH = 113;

  /// A `connect` is under way already.
  public static final int EALREADY = 114;

  /// A `connect` of a non-blocking descriptor has begun.
  public static final int EINPROGRESS = 115;

  public static final int ESTALE = 116;
  public static final int EUCLEAN = 117;
  public static final int ENOTNAM = 118;
  public static final int ENAVAIL = 119;
  public static final int EISNAM = 120;
  public static final int EREMOTEIO = 121;
  public static final int EDQUOT = 122;
  public static final int ENOMEDIUM = 123;
  public static final int EMEDIUMTYPE = 124;
  public static final int ECANCELED = 125;
  public static final int ENOKEY = 126;
  public static final int EKEYEXPIRED = 127;
  public static final int EKEYREVOKED = 128;
  public static final int EKEYREJECTED = 129;
  public static final int EOWNERDEAD = 130;
  public static final int ENOTRECOVERABLE = 131;
  public static final int ERFKILL = 132;
  public static final int EHWPOISON = 133;

  /// One more than the greatest number that Linux gives to programs.
  static final int LIMIT = 134;

  private Errno() {}

  /// The name of a positive error number, `EAGAIN`; `errno 999` for a number that has none.
  public static String name(int errno) {
    String name = errno >= 0 && errno < LIMIT ? Names.TABLE[errno] : null;
    return name == null ? "errno " + errno : name;
  }

  /// What a result of [Kernel] says: the name of the error, or the number itself if it is none.
  public static String describe(int result) {
    return result < 0 ? name(-result) : Integer.toString(result);
  }

  /// The table is made from the constants above, so that no name can stand beside a wrong number.
  private static final class Names {
    static final @Nullable String[] TABLE = new @Nullable String[LIMIT];

    static {
      for (Field field : Errno.class.getFields()) {
        if (Modifier.isStatic(field.getModifiers())) {
          TABLE[valueOf(field)] = field.getName();
        }
      }
    }

    private Names() {}

    private static int valueOf(Field field) {
      try {
        return field.getInt(null);
      } catch (IllegalAccessException e) {
        throw new AssertionError(e);
      }
    }
  }
}
