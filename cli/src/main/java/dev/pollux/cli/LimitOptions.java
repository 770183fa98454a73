package dev.pollux.cli;

import dev.pollux.net.MemoryBudget;
import dev.pollux.server.ServerBuilder;
import dev.pollux.session.KeepAlive;
import dev.pollux.session.OutputPolicy;
import dev.pollux.websocket.WebSocketLimits;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/// What a client may do and how long it may take: the options of `pollux serve` for that. Times are
/// in seconds and may have a fraction.
final class LimitOptions {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration LEAST = Duration.ofMillis(10);

  @Option(
      names = "--max-message-bytes",
      paramLabel = "BYTES",
      description = "A longer message is closed with 1009. Default: ${DEFAULT-VALUE}")
  private int maxMessageBytes = WebSocketLimits.DEFAULT.maxMessageBytes();

  @Option(
      names = "--max-frame-bytes",
      paramLabel = "BYTES",
      description = "A longer frame is closed with 1009. Default: as --max-message-bytes")
  private @Nullable Integer maxFrameBytes;

  @Option(
      names = "--max-fragments",
      paramLabel = "N",
      description = "A message of more frames is closed with 1008. Default: ${DEFAULT-VALUE}")
  private int maxFragments = WebSocketLimits.DEFAULT.maxFragments();

  @Option(
      names = "--max-handshake-bytes",
      paramLabel = "BYTES",
      description = "A longer request head is answered with 431 or 414. Default: ${DEFAULT-VALUE}")
  private int maxHandshakeBytes = WebSocketLimits.DEFAULT.maxHandshakeBytes();

  @Option(
      names = "--max-headers",
      paramLabel = "N",
      description =
          "A request of more header lines is answered with 431. Default: ${DEFAULT-VALUE}")
  private int maxHeaders = WebSocketLimits.DEFAULT.maxHeaders();

  @Option(
      names = "--max-pending-bytes",
      paramLabel = "BYTES",
      description =
          "While more output waits for a slow client, its messages are dropped."
              + " Default: ${DEFAULT-VALUE}")
  private int maxPendingBytes = OutputPolicy.DEFAULT.maxPendingBytes();

  @Option(
      names = "--handshake-timeout",
      paramLabel = "SECONDS",
      converter = Seconds.class,
      defaultValue = "10",
      description = "Time for a request; then 408. Default: ${DEFAULT-VALUE}")
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private Duration handshakeTimeout;

  @Option(
      names = "--close-timeout",
      paramLabel = "SECONDS",
      converter = Seconds.class,
      defaultValue = "5",
      description = "Time for the closing handshake. Default: ${DEFAULT-VALUE}")
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private Duration closeTimeout;

  @Option(
      names = "--ping-interval",
      paramLabel = "SECONDS",
      converter = Seconds.class,
      defaultValue = "30",
      description =
          "A client silent for that long is pinged; 0 for never. Default: ${DEFAULT-VALUE}")
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private Duration pingInterval;

  @Option(
      names = "--ping-timeout",
      paramLabel = "SECONDS",
      converter = Seconds.class,
      defaultValue = "20",
      description = "One that then stays silent is dropped. Default: ${DEFAULT-VALUE}")
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private Duration pingTimeout;

  @Option(
      names = "--idle-timeout",
      paramLabel = "SECONDS",
      converter = Seconds.class,
      defaultValue = "0",
      description =
          "Without a message either way a session is closed with 1001; 0 for never."
              + " Default: ${DEFAULT-VALUE}")
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private Duration idleTimeout;

  @Option(
      names = "--message-timeout",
      paramLabel = "SECONDS",
      converter = Seconds.class,
      defaultValue = "30",
      description =
          "A message that is not complete by then is closed with 1008; 0 for no limit."
              + " Default: ${DEFAULT-VALUE}")
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private Duration messageTimeout;

  @Option(
      names = "--memory",
      paramLabel = "MIB",
      description =
          "What clients may cause the server to hold outside the heap, in MiB. Near it large"
              + " messages, slow consumers and newcomers are refused, in this order. Default: a"
              + " quarter of the machine's or the control group's memory")
  private @Nullable Integer memory;

  @Option(
      names = "--user-timeout",
      paramLabel = "SECONDS",
      converter = Seconds.class,
      defaultValue = "60",
      description =
          "A client that acknowledges nothing for that long, and not less than --stall, is given up"
              + " by the kernel (TCP_USER_TIMEOUT); 0 for the system's limit. Default:"
              + " ${DEFAULT-VALUE}")
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private Duration userTimeout;

  @Option(
      names = "--stall",
      paramLabel = "SECONDS",
      converter = Seconds.class,
      defaultValue = "120",
      description =
          "A client that is there and takes nothing of what it is sent for that long is given up."
              + " Default: ${DEFAULT-VALUE}")
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private Duration stall;

  @Option(
      names = "--allow-origin",
      paramLabel = "ORIGIN",
      description =
          "Pages of this origin may open WebSockets too, as in https://example.com; * for all."
              + " May be repeated. Default: the server's own origin only")
  private List<String> origins = List.of();

  @Spec(Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private CommandSpec spec;

  /// @throws ParameterException if a value is out of range
  void check() {
    check("--max-message-bytes", maxMessageBytes, 1, WebSocketLimits.MAX_BYTES);
    check("--max-frame-bytes", frameBytes(), 125, WebSocketLimits.MAX_BYTES);
    check("--max-fragments", maxFragments, 1, Integer.MAX_VALUE);
    check("--max-handshake-bytes", maxHandshakeBytes, 128, WebSocketLimits.MAX_BYTES);
    check("--max-headers", maxHeaders, 1, Integer.MAX_VALUE);
    check(
        "--max-pending-bytes", maxPendingBytes, OutputPolicy.DEFAULT.highWatermarkBytes(), 1 << 30);
    check("--handshake-timeout", handshakeTimeout, false, HOUR);
    check("--close-timeout", closeTimeout, false, HOUR);
    check("--ping-interval", pingInterval, true, DAY);
    check("--ping-timeout", pingTimeout, false, DAY);
    check("--idle-timeout", idleTimeout, true, DAY);
    check("--message-timeout", messageTimeout, true, DAY);
    if (memory != null) {
      check("--memory", memory, (int) (MemoryBudget.LEAST_BYTES >> 20), 1 << 24);
    }
    check("--user-timeout", userTimeout, true, DAY);
    check("--stall", stall, true, DAY);
  }

  /// @throws ParameterException for an origin that is none
  ServerBuilder apply(ServerBuilder server) {
    try {
      server.allowOrigins(origins.toArray(String[]::new));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--allow-origin: " + e.getMessage(), e);
    }
    if (memory != null) {
      server.memoryBudget((long) memory << 20);
    }
    return server
        .limits(
            new WebSocketLimits(
                frameBytes(), maxMessageBytes, maxFragments, maxHandshakeBytes, maxHeaders))
        .output(OutputPolicy.DEFAULT.withMaxPendingBytes(maxPendingBytes))
        .engine(engine -> engine.withUserTimeout(userTimeout))
        .stall(stall)
        .handshakeTimeout(handshakeTimeout)
        .closeTimeout(closeTimeout)
        .keepAlive(new KeepAlive(pingInterval, pingTimeout, idleTimeout, messageTimeout));
  }

  private int frameBytes() {
    // RFC 6455 §5.5: control frames of 125 bytes must always pass.
    return maxFrameBytes == null ? Math.max(125, maxMessageBytes) : maxFrameBytes;
  }

  private void check(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw refusal(option + " is " + value + "; it must be from " + least + " to " + most);
    }
  }

  private void check(String option, Duration value, boolean mayBeZero, Duration most) {
    boolean good = value.isZero() ? mayBeZero : value.compareTo(LEAST) >= 0;
    if (!good || value.compareTo(most) > 0) {
      throw refusal(
          option
              + " is "
              + Seconds.text(value)
              + "; it must be from 0.01 to "
              + Seconds.text(most)
              + (mayBeZero ? " seconds, or 0" : " seconds"));
    }
  }

  private ParameterException refusal(String what) {
    return new ParameterException(spec.commandLine(), what);
  }
}
