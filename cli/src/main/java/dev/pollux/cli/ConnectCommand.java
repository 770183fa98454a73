package dev.pollux.cli;

import dev.pollux.client.ClientBuilder;
import dev.pollux.client.ClientRequest;
import dev.pollux.client.PolluxClient;
import dev.pollux.net.IoModel;
import dev.pollux.session.WebSocket;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `pollux connect`: talks to a WebSocket server, from a terminal or in a pipe.
@Command(
    name = "connect",
    description = {
      "Talks to a WebSocket server.",
      "",
      "On a terminal: a line is sent as a text message, lines can be edited and are remembered,"
          + " and a line that begins with / is a command (/help lists them).",
      "With input from a pipe or a file: each line is sent as it is; at the end of the input the"
          + " client waits for answers (--wait) and closes. Messages go to standard output, binary"
          + " ones as hex; what is said about the connection goes to standard error.",
      ""
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:closed by this side, or by the server with 1000 or 1001",
      "1:the server could not be reached, or refused",
      "2:wrong usage",
      "4:the connection was lost, or closed by the server with another code",
      "69:the I/O model does not work here",
      "70:a defect of Pollux"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pollux connect ws://127.0.0.1:8080/echo",
      "  pollux connect ws://127.0.0.1:8080/chat --subprotocol v2 --header 'Cookie: id=7'",
      "  echo hello | pollux connect ws://127.0.0.1:8080/echo --count 1",
      "  pollux connect ws://127.0.0.1:8080/stats --json --count 3 < /dev/null"
    })
final class ConnectCommand implements Callable<Integer> {
  private static final Duration GOODBYE = Duration.ofSeconds(5);

  @Parameters(paramLabel = "URL", description = "The server: ws://HOST:PORT/PATH or wss://...")
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private String url;

  @Option(
      names = "--subprotocol",
      paramLabel = "NAME",
      split = ",",
      description = "Subprotocols to offer, the best first.")
  private List<String> subprotocols = List.of();

  @Option(
      names = "--header",
      paramLabel = "'NAME: VALUE'",
      description = "A header field to send besides: Origin, Authorization, Cookie. Repeatable.")
  private List<String> headers = List.of();

  @Option(
      names = "--source",
      paramLabel = "ADDRESS",
      description = "The address of this machine to connect from.")
  private @Nullable String source;

  @Mixin private ClientTlsArguments tls = new ClientTlsArguments();

  @Option(
      names = "--no-compression",
      description = "Do not offer permessage-deflate (RFC 7692), which is offered otherwise.")
  private boolean noCompression;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description =
          "How long the server has to accept the connection, and to answer. Default:"
              + " ${DEFAULT-VALUE}")
  private double timeout = 10;

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      description =
          "With input from elsewhere than a terminal: at its end, how long after the last message"
              + " the connection is closed. Default: ${DEFAULT-VALUE}; with --count there is no"
              + " end")
  private double wait = 1;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "Close after so many messages from the server.")
  private int count = Integer.MAX_VALUE;

  @Option(names = "--json", description = "Each event as one line of JSON.")
  private boolean json;

  @Option(names = "--quiet", description = "Say nothing but the messages.")
  private boolean quiet;

  @Option(
      names = "--io",
      paramLabel = "MODEL",
      converter = IoWord.class,
      completionCandidates = IoWord.class,
      description = "How to wait for I/O: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private IoModel io = IoModel.EPOLL;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException, IOException {
    check();
    ClientRequest request = request();
    PrintWriter err = spec.commandLine().getErr();
    boolean interactive = Terminals.isTerminal();
    PolluxClient client;
    try {
      ClientBuilder builder = PolluxClient.builder();
      client =
          (noCompression ? builder.noCompression() : builder)
              .io(io)
              .tls(tls.options())
              .connectTimeout(time(timeout))
              .handshakeTimeout(time(timeout))
              .stopGrace(GOODBYE)
              .start();
    } catch (IOException e) {
      err.println("pollux connect: " + e.getMessage() + " (see pollux models)");
      return ExitCode.UNAVAILABLE;
    }
    try (client;
        Terminal terminal = interactive ? Terminal.open() : null) {
      ConnectOutput output =
          new ConnectOutput(
              terminal != null ? terminal::print : spec.commandLine().getOut()::println,
              terminal != null ? terminal::print : err::println,
              json,
              quiet,
              terminal != null);
      Talk talk = new Talk(output, count);
      return converse(client, request, talk, terminal, err);
    }
  }

  private int converse(
      PolluxClient client,
      ClientRequest request,
      Talk talk,
      @Nullable Terminal terminal,
      PrintWriter err)
      throws InterruptedException {
    WebSocket ws;
    try {
      ws = client.connect(request, talk).get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      err.println("pollux connect: " + (cause == null ? e : cause).getMessage());
      return ExitCode.NOT_CONNECTED;
    }
    if (terminal != null) {
      talk.whenEnded(terminal::interrupt);
      new TerminalTalk(ws, terminal).run(talk);
    } else {
      new PipedTalk(ws, System.in, time(wait), count != Integer.MAX_VALUE).run(talk);
    }
    return talk.awaitEnd(GOODBYE) ? talk.exitCode() : ExitCode.LOST;
  }

  private ClientRequest request() {
    try {
      ClientRequest request =
          ClientRequest.to(url).withSubprotocols(subprotocols.toArray(String[]::new));
      for (String header : headers) {
        int colon = header.indexOf(':');
        if (colon <= 0) {
          throw wrong("--header is '" + header + "'; it must be 'NAME: VALUE'");
        }
        request =
            request.withHeader(header.substring(0, colon), header.substring(colon + 1).strip());
      }
      return source == null ? request : request.withLocalAddress(InetAddress.getByName(source));
    } catch (UnknownHostException e) {
      throw wrong("--source is " + source + "; it must be an address of this machine");
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private void check() {
    tls.check(spec, url);
    if (!(timeout > 0 && timeout <= 3600)) {
      throw wrong("--timeout is " + timeout + "; it must be more than 0 and at most 3600");
    }
    if (!(wait >= 0 && wait <= 86_400)) {
      throw wrong("--wait is " + wait + "; it must be from 0 to 86400");
    }
    if (count < 1) {
      throw wrong("--count is " + count + "; it must be at least 1");
    }
  }

  private static Duration time(double seconds) {
    return Duration.ofNanos(Math.round(seconds * 1e9));
  }

  private ParameterException wrong(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }
}
