package dev.pollux.bench;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.lab.load.LoadPlan;
import dev.pollux.net.IoModel;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class WorkloadTest {
  private static final List<Workload> WORKLOADS = Workload.ALL;
  private static final Contestants ALL =
      new Contestants(List.of(IoModel.EPOLL), Path.of("keystore.p12"));

  @ParameterizedTest
  @FieldSource("WORKLOADS")
  void aPlanGoesToItsServerByTheSchemeOfItsVariant(Workload workload) {
    LoadPlan plan = workload.planFor(4711, 99);
    String scheme = workload.variant() == Workload.Variant.TLS ? "wss" : "ws";
    assertEquals(scheme + "://127.0.0.1:4711" + workload.service().path, plan.uri());
    assertEquals(
        workload.service() == Workload.Service.ROOMS ? "ws://127.0.0.1:4711/publish" : null,
        plan.publishUri());
    assertEquals(99, plan.serverPid());
    assertEquals(workload.variant() == Workload.Variant.DEFLATE, plan.compressed());
  }

  @ParameterizedTest
  @FieldSource("WORKLOADS")
  void aControlIsAWorkloadThatIsMeasuredAsOften(Workload workload) {
    workload
        .control()
        .ifPresent(name ->
            assertTrue(
                WORKLOADS.stream()
                    .anyMatch(other ->
                        other.name().equals(name) && other.variant() == workload.variant()),
                name));
  }

  @Test
  void aWorkloadSharesItsRoundsWithItsControlAndWithNoOther() {
    assertEquals(
        List.of(
            "W1",
            "W2",
            "W3 text",
            "W4-control W4",
            "W6",
            "W7-1",
            "W7-100",
            "W7-5000",
            "W7-rooms",
            "W7-burst",
            "tls",
            "deflate"),
        Workload.groups(WORKLOADS).stream()
            .map(group -> group.stream().map(Workload::name).collect(joining(" ")))
            .toList());
    assertEquals(List.of(List.of(named("W3"))), Workload.groups(List.of(named("W3"))));
  }

  @Test
  void whatIsMeasuredOfOneServerAfterTheOtherIsNotComparedBetweenThem() {
    assertTrue(named("W1").isComparedWithTheFirst());
    assertTrue(named("W3").isComparedWithTheFirst());
    assertFalse(named("text").isComparedWithTheFirst());
    assertFalse(named("W4").isComparedWithTheFirst());
    assertFalse(named("W4-control").isComparedWithTheFirst());
  }

  private static Workload named(String name) {
    return WORKLOADS.stream().filter(w -> w.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void oneWordMeansAllThatPublishOneMessageAtATime() {
    assertEquals(
        List.of("W7-1", "W7-100", "W7-5000", "W7-rooms"),
        WORKLOADS.stream().filter(w -> w.isMeantBy("W7")).map(Workload::name).toList());
    assertEquals(
        List.of(named("W7-burst")),
        WORKLOADS.stream().filter(w -> w.isMeantBy("W7-burst")).toList());
  }

  @Test
  void onlyABurstIsNotRunWithoutBeingAskedFor() {
    assertEquals(List.of(named("W7-burst")), WORKLOADS.stream().filter(w -> !w.isUsual()).toList());
  }

  @ParameterizedTest
  @CsvSource({
    "W7-1, 1, 1, 1, false",
    "W7-100, 1, 100, 1, false",
    "W7-5000, 1, 5_000, 1, false",
    "W7-rooms, 1_000, 10_000, 1, false",
    "W7-burst, 1, 5_000, 16, true"
  })
  void whatIsPublishedGoesToSoManyOfSoManyRooms(
      String name, int rooms, int receivers, int atOnce, boolean inBursts) {
    LoadPlan plan = named(name).planFor(4711, 99);
    assertEquals(256, plan.payloadBytes());
    assertEquals(rooms, plan.rooms());
    assertEquals(receivers, plan.connections());
    assertEquals(atOnce, plan.inFlight());
    assertEquals(inBursts, plan.inBursts());
  }

  @Test
  void namesAreThereOnce() {
    Set<String> names = new HashSet<>();
    WORKLOADS.forEach(workload -> assertTrue(names.add(workload.name()), workload.name()));
    names.clear();
    ALL.names().forEach(name -> assertTrue(names.add(name), name));
  }

  @Test
  void onlyWhoSpeaksAVariantIsAskedTo() {
    Workload tls = WORKLOADS.stream().filter(w -> w.name().equals("tls")).findFirst().orElseThrow();
    Workload deflate =
        WORKLOADS.stream().filter(w -> w.name().equals("deflate")).findFirst().orElseThrow();
    Contestant pollux = ALL.named(List.of("epoll")).getFirst();
    assertTrue(pollux.runs(tls) && pollux.runs(deflate));
    assertTrue(pollux.command(Workload.Variant.TLS).contains("keystore.p12"));
    assertTrue(!pollux.command(Workload.Variant.PLAIN).contains("--tls"));
    Contestant bare = ALL.named(List.of("virtual-threads")).getFirst();
    assertTrue(!bare.runs(tls) && !bare.runs(deflate));
  }

  @Test
  void unitsHaveAPlural() {
    assertEquals(
        Set.of("messages", "deliveries"),
        new HashSet<>(WORKLOADS.stream().map(Workload::units).toList()));
  }
}
