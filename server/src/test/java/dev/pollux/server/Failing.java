package dev.pollux.server;

import dev.pollux.websocket.HttpException;
import java.io.IOException;

/// What an application may throw, on purpose or not.
enum Failing {
  REFUSAL("403") {
    @Override
    Throwable thrown() {
      return new HttpException(403, "not you");
    }
  },
  REDIRECT("302") {
    @Override
    Throwable thrown() {
      return new HttpException(302, "elsewhere");
    }
  },
  STATUS_THAT_IS_NONE("500") {
    @Override
    @SuppressWarnings("CheckReturnValue") // the constructor throws
    Throwable thrown() {
      return new HttpException(999, "a secret");
    }
  },
  SWITCHING_PROTOCOLS("500") {
    @Override
    Throwable thrown() {
      return new HttpException(101, "a secret");
    }
  },
  OK("500") {
    @Override
    Throwable thrown() {
      return new HttpException(200, "a secret");
    }
  },
  CHECKED("500") {
    @Override
    Throwable thrown() {
      return new IOException("a secret");
    }
  },
  RUNTIME("500") {
    @Override
    Throwable thrown() {
      return new IllegalStateException("a secret");
    }
  },
  ERROR("500") {
    @Override
    Throwable thrown() {
      return new AssertionError("a secret");
    }
  },
  OUT_OF_MEMORY("500") {
    @Override
    Throwable thrown() {
      return new OutOfMemoryError("a secret");
    }
  },
  STACK_OVERFLOW("500") {
    @Override
    Throwable thrown() {
      return new AssertionError("the stack has an end at " + deeper(0));
    }

    private int deeper(int depth) {
      return depth == Integer.MAX_VALUE ? depth : deeper(depth + 1) + 1;
    }
  },
  WITHOUT_A_TEXT("500") {
    @Override
    Throwable thrown() {
      return new Unprintable();
    }
  };

  /// What the client is to be answered.
  final String status;

  Failing(String status) {
    this.status = status;
  }

  /// Makes it; or throws it, where the making fails.
  abstract Throwable thrown();

  /// Whether it is a failure of the server's side and no refusal.
  boolean isFailure() {
    return status.equals("500");
  }

  /// Throws it, whatever the caller may throw by its signature.
  @SuppressWarnings("TypeParameterUnusedInFormals") // nothing is returned
  <T> T fail() {
    throw Failing.<RuntimeException>sneaky(thrown());
  }

  /// What [#fail] throws.
  Throwable caught() {
    try {
      return fail();
    } catch (Throwable t) {
      return t;
    }
  }

  @SuppressWarnings("unchecked") // the cast is none at run time, which is how it gets through
  private static <X extends Throwable> RuntimeException sneaky(Throwable thrown) throws X {
    throw (X) thrown;
  }

  private static final class Unprintable extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new IllegalStateException("a secret");
    }
  }
}
