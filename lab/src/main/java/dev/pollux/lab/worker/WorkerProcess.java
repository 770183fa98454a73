package dev.pollux.lab.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The other side of a [Worker]: reads orders, carries them out, answers. It ends when the lab's
/// side of the pipe does, and in any case after its time.
public final class WorkerProcess {
  private static final int OUT_OF_TIME = 3;

  private WorkerProcess() {}

  /// Does a job.
  ///
  /// @param arguments the name of the job's class, the seconds that it may live
  public static void main(String[] arguments) throws Exception {
    CompletableFuture.delayedExecutor(Long.parseLong(arguments[1]), TimeUnit.SECONDS)
        .execute(() -> Runtime.getRuntime().halt(OUT_OF_TIME));
    // The pipes themselves: a line that something prints by mistake must not pass for an answer.
    try (var orders =
            new BufferedReader(
                new InputStreamReader(new FileInputStream(FileDescriptor.in), UTF_8));
        var answers = new FileOutputStream(FileDescriptor.out);
        Job job =
            Class.forName(arguments[0])
                .asSubclass(Job.class)
                .getDeclaredConstructor()
                .newInstance()) {
      carryOut(orders, answers, job);
    } finally {
      // A thread that a job has left behind does not keep the process.
      Runtime.getRuntime().halt(0);
    }
  }

  private static void carryOut(BufferedReader orders, OutputStream answers, Job job)
      throws IOException {
    JsonMapper json = new JsonMapper();
    for (String line = orders.readLine(); line != null; line = orders.readLine()) {
      byte[] answer = json.writeValueAsBytes(answer(json.readTree(line), job));
      answers.write(answer);
      answers.write('\n');
      answers.flush();
    }
  }

  private static Map<String, @Nullable Object> answer(JsonNode order, Job job) {
    Map<String, @Nullable Object> answer = new HashMap<>();
    try {
      answer.put("answer", job.carryOut(order.get("order").asString(), order.get("arguments")));
    } catch (Exception | Error e) {
      answer.clear();
      answer.put("failure", e.toString());
    }
    return answer;
  }
}
