package dev.pollux.tidy;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What the compiled classes of one floor may know of the others: the picture in `ARCHITECTURE.md`.
final class Edges {

  private static final String[] JDK = {
    "java..", "javax..", "com.sun.management..", "org.jspecify.annotations.."
  };

  /// Each module, and the modules that it may use.
  private static final Map<String, Set<String>> DOWNWARD =
      new TreeMap<>(
          Map.of(
              "sys", Set.of(),
              "net", Set.of("sys"),
              "websocket", Set.of(),
              "zlib", Set.of("websocket"),
              "session", Set.of("sys", "net", "websocket", "zlib"),
              "server", Set.of("sys", "net", "websocket", "zlib", "session"),
              "client", Set.of("sys", "net", "websocket", "zlib", "session"),
              "lab", Set.of("sys", "net", "websocket", "zlib", "session", "server", "client"),
              "cli",
                  Set.of("sys", "net", "websocket", "zlib", "session", "server", "client", "lab")));

  private Edges() {}

  static List<ArchRule> rules() {
    var rules = new ArrayList<ArchRule>();
    rules.add(everyClassHasAFloor());
    DOWNWARD.forEach((module, below) -> rules.add(downward(module, below)));
    rules.add(jdkOnlyAtTheBottom());
    rules.add(nativeAccessInSys());
    rules.add(memoryFromAddressesInSys());
    rules.add(internalStaysInside());
    rules.add(platformLoggerBelow());
    rules.add(slf4jAbove());
    rules.add(consoleInCli());
    rules.add(accessorsWithoutGet());
    return List.copyOf(rules);
  }

  private static ArchRule everyClassHasAFloor() {
    String[] floors = DOWNWARD.keySet().stream().map(Edges::of).toArray(String[]::new);
    return classes()
        .should()
        .resideInAnyPackage(floors)
        .because(
            "a module's classes live in dev.pollux.<module>; give a new module its edges here");
  }

  private static ArchRule downward(String module, Set<String> below) {
    String[] above =
        DOWNWARD.keySet().stream()
            .filter(other -> !other.equals(module) && !below.contains(other))
            .map(Edges::of)
            .toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(of(module))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(above)
        .because("edges point downward (ARCHITECTURE.md): hand it in from above, as an interface");
  }

  private static ArchRule jdkOnlyAtTheBottom() {
    return noClasses()
        .that()
        .resideInAnyPackage(of("sys"), of("net"), of("websocket"), of("zlib"))
        .should()
        .dependOnClassesThat(
            DescribedPredicate.not(resideInAPackage("dev.pollux.."))
                .and(DescribedPredicate.not(JavaClass.Predicates.resideInAnyPackage(JDK)))
                .and(describe("are not primitive", it -> !it.isPrimitive() && !it.isArray())))
        .because(
            "sys, net, websocket and zlib keep to the JDK: whoever embeds them gets nothing else");
  }

  private static ArchRule nativeAccessInSys() {
    return noClasses()
        .that()
        .resideOutsideOfPackages(of("sys"), of("zlib"))
        .should()
        .dependOnClassesThat(
            describe(
                "are Linker or SymbolLookup",
                it ->
                    it.getName().startsWith("java.lang.foreign.Linker")
                        || it.getName().startsWith("java.lang.foreign.SymbolLookup")))
        .because("native access is in sys and zlib only: add the call to dev.pollux.sys.Kernel");
  }

  private static ArchRule memoryFromAddressesInSys() {
    return noClasses()
        .that()
        .resideOutsideOfPackages(of("sys"), of("zlib"))
        .should()
        .accessTargetWhere(
            target(
                describe(
                    "MemorySegment.reinterpret",
                    it ->
                        it.getName().equals("reinterpret")
                            && it.getOwner().getName().equals("java.lang.foreign.MemorySegment"))))
        .because("native access is in sys and zlib only: let sys return a segment with its size");
  }

  private static ArchRule internalStaysInside() {
    return classes()
        .should(
            new ArchCondition<JavaClass>("use no internal package of another module") {
              @Override
              public void check(JavaClass user, ConditionEvents events) {
                for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
                  String used = dependency.getTargetClass().getPackageName();
                  if (isInternal(used) && !floor(used).equals(floor(user.getPackageName()))) {
                    events.add(SimpleConditionEvent.violated(user, dependency.getDescription()));
                  }
                }
              }
            })
        .because("packages named internal are nobody else's: use the public type beside them");
  }

  private static ArchRule platformLoggerBelow() {
    return noClasses()
        .that()
        .resideOutsideOfPackage(of("net"))
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.lang\\.System\\$Logger.*|java\\.util\\.logging\\..*")
        .because(
            "System.Logger is net's; sys, websocket and zlib return what happened, others use"
                + " SLF4J");
  }

  private static ArchRule slf4jAbove() {
    return noClasses()
        .that()
        .resideOutsideOfPackages(of("session"), of("server"), of("client"), of("cli"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.slf4j..")
        .because("net logs with System.Logger; sys, websocket and zlib return what happened");
  }

  private static ArchRule consoleInCli() {
    return noClasses()
        .that()
        .resideOutsideOfPackage(of("cli"))
        .should()
        .accessTargetWhere(
            describe("System.out, System.err or printStackTrace", Edges::writesToTheConsole))
        .because("only a command line talks to the console: return it, throw it or log it");
  }

  private static boolean writesToTheConsole(JavaAccess<?> access) {
    String owner = access.getTargetOwner().getName();
    String name = access.getTarget().getName();
    boolean stream = owner.equals("java.lang.System") && Set.of("out", "err").contains(name);
    return stream || name.equals("printStackTrace");
  }

  private static ArchRule accessorsWithoutGet() {
    return classes()
        .that(describe("are public", Edges::isPublicApi))
        .should(
            new ArchCondition<JavaClass>("name accessors without get") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                for (JavaMethod method : type.getMethods()) {
                  if (isGetter(method) && !isInherited(method)) {
                    events.add(SimpleConditionEvent.violated(method, method.getDescription()));
                  }
                }
              }
            })
        .because("accessors are nouns: port(), not getPort()");
  }

  private static boolean isPublicApi(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC) && !isInternal(type.getPackageName());
  }

  private static boolean isGetter(JavaMethod method) {
    return method.getModifiers().contains(JavaModifier.PUBLIC)
        && !method.getModifiers().contains(JavaModifier.SYNTHETIC)
        && method.getName().matches("get[A-Z].*")
        && method.getRawParameterTypes().isEmpty();
  }

  /// The name was given elsewhere: [Throwable#getMessage], or an interface of a library.
  private static boolean isInherited(JavaMethod method) {
    var owner = method.getOwner();
    var supertypes = new ArrayList<>(owner.getAllRawInterfaces());
    supertypes.addAll(owner.getAllRawSuperclasses());
    return supertypes.stream().anyMatch(it -> it.tryGetMethod(method.getName()).isPresent());
  }

  private static boolean isInternal(String packageName) {
    return packageName.startsWith("dev.pollux.") && packageName.matches(".*\\.internal(\\..*)?");
  }

  private static String floor(String packageName) {
    return packageName.replaceFirst("^(dev\\.pollux\\.[a-z]+).*", "$1");
  }

  private static String of(String module) {
    return "dev.pollux." + module + "..";
  }
}
