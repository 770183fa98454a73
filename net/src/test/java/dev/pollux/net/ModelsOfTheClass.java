package dev.pollux.net;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/// Hands each model to a test, as far as the test's class wants it ([OnModels]).
final class ModelsOfTheClass implements ArgumentsProvider {
  @Override
  public Stream<Arguments> provideArguments(
      ParameterDeclarations parameters, ExtensionContext context) {
    OnModels only = context.getRequiredTestClass().getAnnotation(OnModels.class);
    return Stream.of(only == null ? IoModel.values() : only.value()).map(Arguments::of);
  }
}
