using MixtureOfTransformers.Storage;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>The steps of the training of an autoencoder, or of a vocoder, within their budget: AdamW with warm-up, then a constant rate, then half a cosine wave down.</summary>
/// <param name="options">Steps, seconds, rate.</param>
/// <param name="report">Told every few steps.</param>
internal sealed class AutoencoderLoop(TokenizerTrainingOptions options, Action<AutoencoderProgress> report)
{
    private const int WarmupSteps = 20;
    private const double DecayStart = 0.4;     // share of the budget at which the learning rate begins to fall
    private const double LastRate = 0.02;      // of the highest
    private const int ReportInterval = 20;
    private const double AbsoluteErrorWeight = 0.1; // keeps flat areas clean, which squares hardly punish

    /// <summary>The loss of a reconstruction, without what is specific to the code, and its mean squared error; owned by the caller's scope.</summary>
    public static (Tensor Loss, Tensor Error) Reconstruction(Tensor decoded, Tensor examples)
    {
        using var scope = NewDisposeScope();
        var difference = decoded - examples;
        var error = difference.square().mean();
        return ((error + (AbsoluteErrorWeight * difference.abs().mean())).MoveToOuterDisposeScope(), error.MoveToOuterDisposeScope());
    }

    /// <summary>Trains.</summary>
    /// <param name="parameters">What gradients change.</param>
    /// <param name="step">Runs a batch. It is given what moves the parameters down the gradient of a loss, the number of the step and the share of the budget that is spent, and returns the loss and the
    /// mean squared error, owned by the scope that is open.</param>
    /// <param name="clock">Measures the seconds.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <returns>Steps done.</returns>
    /// <exception cref="MotException">The training diverged.</exception>
    public int Run(IEnumerable<Parameter> parameters, Func<Action<Tensor>, int, double, (Tensor Loss, Tensor Error)> step, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var optimizer = optim.AdamW(parameters, options.LearningRate, beta2: 0.99, weight_decay: 1e-4);
        var begin = clock.GetTimestamp();
        for (var done = 0; ; done++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var seconds = clock.GetElapsedTime(begin).TotalSeconds;
            var spent = Math.Max((double)done / options.Steps, options.MaxSeconds is { } limit ? seconds / limit : 0);
            if (spent >= 1)
                return done;
            foreach (var group in optimizer.ParamGroups)
                group.LearningRate = options.LearningRate * RateAt(done, spent);
            using var scope = NewDisposeScope();
            var (loss, error) = step(Descend, done, spent);
            if (done % ReportInterval == 0 || done + 1 == options.Steps)
                Report(done, Math.Max(spent, (done + 1.0) / options.Steps), loss, error);
        }

        void Descend(Tensor loss)
        {
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
        }
    }

    private void Report(int done, double spent, Tensor loss, Tensor error)
    {
        var value = loss.item<float>();
        if (!float.IsFinite(value))
            throw new MotException($"the {options.Subject}'s loss became {value} at step {done}; lower learning_rate");
        report(new(done + 1, Math.Min(spent, 1), value, error.item<float>()));
    }

    private static double RateAt(int step, double spent)
    {
        var warmup = Math.Min(1, (step + 1.0) / WarmupSteps);
        var fall = Math.Max(0, (spent - DecayStart) / (1 - DecayStart));
        return warmup * (LastRate + ((1 - LastRate) * 0.5 * (1 + Math.Cos(Math.PI * fall))));
    }
}
