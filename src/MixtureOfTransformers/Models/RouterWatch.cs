namespace MixtureOfTransformers.Models;

/// <summary>Watches the routers of a model while they decide among all tokens, as in training; the model is as it was before once this is disposed.</summary>
internal sealed class RouterWatch : IDisposable
{
    private readonly MotModel _model;
    private readonly (Action<ExpertDecision>? Experts, Action<DepthDecision>? Depths, ExpertRouting Routing) _before;

    /// <summary>Begins.</summary>
    /// <param name="model">The model.</param>
    /// <param name="experts">Told of the decisions of experts; null for nobody.</param>
    /// <param name="depths">Told which tokens pass layers of <see cref="MixtureOfDepths"/>; null for nobody.</param>
    public RouterWatch(MotModel model, Action<ExpertDecision>? experts, Action<DepthDecision>? depths)
    {
        (_model, _before) = (model, (model.ExpertObserver, model.DepthObserver, model.ExpertRouting));
        (model.ExpertObserver, model.DepthObserver, model.ExpertRouting) = (experts, depths, ExpertRouting.ExpertChoice);
    }

    /// <inheritdoc/>
    public void Dispose() => (_model.ExpertObserver, _model.DepthObserver, _model.ExpertRouting) = _before;
}
