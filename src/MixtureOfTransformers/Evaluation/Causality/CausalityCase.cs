namespace MixtureOfTransformers.Evaluation.Causality;

/// <summary>One change of later tokens, and what followed.</summary>
/// <param name="Row">The row that was changed.</param>
/// <param name="Position">The last position that was left as it was; every later token of the row was changed.</param>
/// <param name="Change">How.</param>
/// <param name="Earlier">The outputs of that row up to <paramref name="Position"/>.</param>
/// <param name="OtherRows">The outputs of all other rows.</param>
/// <param name="LaterMaxChange">The largest absolute change among the outputs of the changed tokens at the last stage: that the change arrived at all.</param>
public sealed record CausalityCase(int Row, int Position, LaterChange Change, CausalityEffect Earlier, CausalityEffect OtherRows, double LaterMaxChange);
