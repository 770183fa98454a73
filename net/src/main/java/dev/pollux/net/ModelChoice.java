package dev.pollux.net;

/// Which model an engine runs, and why this one.
///
/// @param asked what the options said
/// @param model what runs; never [IoModel#AUTO]
/// @param reason for a person, in one line
public record ModelChoice(IoModel asked, IoModel model, String reason) {

  /// A model that was asked for by its own word.
  static ModelChoice of(IoModel model) {
    return new ModelChoice(model, model, "asked for");
  }

  /// Whether Pollux chose.
  public boolean isAutomatic() {
    return asked == IoModel.AUTO;
  }
}
