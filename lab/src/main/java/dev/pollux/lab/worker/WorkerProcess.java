package dev.pollux.lab.worker;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

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
    // The pipes themselves: System.out belongs to the command line, and is not used here.
    try (var orders =
            new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in)));
        var answers =
            new DataOutputStream(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)));
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

  private static void carryOut(DataInputStream orders, DataOutputStream answers, Job job)
      throws IOException {
    Optional<Pipe.Order> next = Pipe.read(orders, Pipe.Order.class);
    while (next.isPresent()) {
      answer(next.get(), answers, job);
      next = Pipe.read(orders, Pipe.Order.class);
    }
  }

  private static void answer(Pipe.Order order, DataOutputStream answers, Job job)
      throws IOException {
    try {
      Pipe.write(answers, new Pipe.Answer(job.carryOut(order.name(), order.arguments()), null));
    } catch (Exception | Error e) {
      Pipe.write(answers, new Pipe.Answer(null, e.toString()));
    }
  }
}
