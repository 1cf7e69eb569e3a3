using System.Text.Json;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Scenes;
using MixtureOfTransformers.Evaluation;

namespace MixtureOfTransformers.Tests.Evaluation;

/// <summary>Made-up reports that look like those of a short run.</summary>
internal static class ExampleReports
{
    private const long Steps = 1200;
    private static readonly byte[] BlackDot = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg==");

    /// <summary>MoT reaches the dense image loss early, but not the dense text loss; with curves, but few and tiny pictures.</summary>
    public static ComparisonReport Small() => WithSamples(ComparisonReport.Create(Metadata(), Run("dense", 1, 1, 1), Run("mot", 0.6, 1.15, 1.36)),
    [
        ("a red square above a blue circle", new(BlackDot)),
        ("two green stars", new(BlackDot)),
    ]);

    /// <summary>The same with three architectures, drawn scenes and training curves.</summary>
    public static ComparisonReport Large()
    {
        var source = new SceneSource(new SceneOptions { Count = 8, ImageSizes = [new(32)], Seed = 3 });
        var scenes = source.Read(new ReadProblems()).Select(d => (((TextPart)d.Parts[0]).Text, new ReportImage(ImageCodec.EncodePng(((ImagePart)d.Parts[1]).Image)))).ToArray();
        return WithSamples(ComparisonReport.Create(Metadata(), Run("dense", 1, 1, 1, training: true), Run("mot", 0.61, 0.92, 1.36, training: true), Run("moe", 0.9, 0.8, 1.7, training: true)), scenes);
    }

    /// <summary>Four architectures with three seeds each, training curves and a learning-rate sweep; no seed of the hybrid reaches the dense text loss, some of MoE-4x do.</summary>
    public static ComparisonStudy Study(bool training = true) => ComparisonStudy.Create(Metadata(), "dense", Runs(training),
        [.. from architecture in (string[])["dense", "mot", "moe-4x", "hybrid"]
            from rate in (double[])[0.001, 0.002, 0.004]
            select Trial(architecture, rate)]) with
    { Notes = ["Made up."] };

    /// <summary>The same where an architecture diverged half-way with some seeds.</summary>
    public static ComparisonStudy Diverging(string architecture, params int[] seeds) => ComparisonStudy.Create(Metadata(), "dense",
        [.. Runs(training: true).Select(run => run.Architecture != architecture || !seeds.Contains((int)run.Seed) ? run
            : run with { Divergence = new(601, "step 601: the loss is NaN"), Steps = 600, Seconds = run.Seconds / 2, Curves = [.. run.Curves.Select(c => c with { Points = [.. c.Points.Where(p => p.Step <= 600)] })] })], []);

    private static ArchitectureRun[] Runs(bool training) =>
    [
        .. Enumerable.Range(1, 3).SelectMany(seed => (ArchitectureRun[])
        [
            Run("dense", 1, 1, 1, training, seed), Run("mot", 0.45, 0.55, 1.05 + 0.01 * seed, training, seed),
            Run("moe-4x", 0.8, 0.95 + 0.04 * seed, 1.69, training, seed), Run("hybrid", 0.6, 1.4, 1.5, training, seed),
        ])
    ];

    private static LearningRateTrial Trial(string architecture, double rate) => new()
    {
        Architecture = architecture,
        LearningRate = rate,
        Steps = 200,
        ModalityLoss = System.Collections.Immutable.ImmutableSortedDictionary<string, double>.Empty.Add("text", 2 + rate).Add("image", 3 - rate),
        Loss = rate == 0.004 && architecture == "mot" ? double.NaN : 2.5 + Math.Abs(rate - 0.002),
        Chosen = rate == 0.002,
    };

    public static ArchitectureRun Run(string architecture, double image, double text, double stepTime, bool training = false, int seed = 0)
    {
        const long tokensPerStep = 32 * 128;
        var seconds = 0.047 * stepTime;
        var curves = new List<LossCurve>();
        foreach (var (modality, law) in new[] { (ModalityId.Text, TestCurves.PowerLaw(text, floor: 0.4, height: 6, exponent: 0.75)), (ModalityId.Image, TestCurves.PowerLaw(image, floor: 2.1, height: 4.1, exponent: 0.33)) })
        {
            var noise = architecture.Sum(c => c) + modality.Name.Length + 100_000 * seed;
            curves.Add(TestCurves.From(TestCurves.Noisy(law, 0.004, noise), architecture, Steps, every: 40, secondsPerStep: seconds, modality: modality));
            if (training)
                curves.Add(TestCurves.From(TestCurves.Noisy(law, 0.09, noise + 1), architecture, Steps, every: 1, first: 1, secondsPerStep: seconds, modality: modality, split: CurveSplit.Training));
        }
        return new()
        {
            Architecture = architecture,
            Seed = seed,
            LearningRate = 0.002,
            Parameters = architecture == "dense" ? 1_234_567 : 2_212_352,
            ActivatedParameters = 1_234_567,
            NonEmbeddingParameters = 1_000_000,
            Steps = Steps,
            Tokens = Steps * tokensPerStep,
            Flops = Steps * 2e9,
            Seconds = Steps * seconds,
            Curves = [.. curves],
        };
    }

    private static ReportSound Sound() => new("RIFF…"u8.ToArray(), new ReportImage(BlackDot));

    public static ReportMetadata Metadata() => new()
    {
        Setting = "quickstart",
        Date = new(2026, 11, 23, 14, 5, 0, TimeSpan.Zero),
        Seed = 7,
        Command = "./mot quickstart --seed 7",
        Machine = new Dictionary<string, string> { ["cores"] = "2", ["memory"] = "8 GB", ["processor"] = "Example CPU at 2.4 GHz" }.ToImmutable(),
        Versions = new Dictionary<string, string> { ["libtorch"] = "2.10.0", ["mot"] = "0.1.0", [".NET"] = "10.0.4" }.ToImmutable(),
        Recipe = JsonDocument.Parse("""{"model":{"dim":128,"layer_count":4},"optimizer":{"learning_rate":0.002},"note":"a < b"}""").RootElement.Clone(),
    };

    private static ComparisonReport WithSamples(ComparisonReport report, IReadOnlyList<(string Caption, ReportImage Image)> pairs)
    {
        var architectures = report.Results.Select(r => r.Architecture).Distinct().ToArray();
        var half = pairs.Count / 2;
        return report with
        {
            Samples =
            [
                .. pairs.Take(half).Select((p, i) => new ReportSample
                {
                    Direction = SampleDirection.CaptionToImage,
                    Caption = p.Caption,
                    Image = p.Image,
                    Generated = [.. architectures.Select((a, j) => new GeneratedSample { Architecture = a, Image = pairs[(i + j + 1) % pairs.Count].Image })],
                }),
                .. ((SampleDirection[])[SampleDirection.TextToSpeech, SampleDirection.SpeechToText]).Select(direction => new ReportSample
                {
                    Direction = direction,
                    Caption = "seven",
                    Sound = Sound(),
                    Generated = [.. architectures.Select(a => direction == SampleDirection.TextToSpeech ? new GeneratedSample { Architecture = a, Sound = Sound() } : new GeneratedSample { Architecture = a, Caption = "eleven" })],
                }),
                .. pairs.Skip(half).Select((p, i) => new ReportSample
                {
                    Direction = SampleDirection.ImageToCaption,
                    Caption = p.Caption,
                    Image = p.Image,
                    Generated = [.. architectures.Select((a, j) => new GeneratedSample { Architecture = a, Caption = pairs[(i + j + 1) % pairs.Count].Caption })],
                }),
                .. ((SampleDirection[])[SampleDirection.SpeechToImage, SampleDirection.ImageToSpeech]).Select(direction => new ReportSample
                {
                    Direction = direction,
                    Caption = pairs[0].Caption,
                    Image = pairs[0].Image,
                    Sound = Sound(),
                    Generated = [.. architectures.Select((a, j) => direction == SampleDirection.SpeechToImage ? new GeneratedSample { Architecture = a, Image = pairs[j].Image } : new GeneratedSample { Architecture = a, Sound = Sound() })],
                }),
            ],
            ImageTokenizer = new()
            {
                PsnrDb = 24.73,
                CodebookSize = 512,
                CodesUsed = 397,
                TokensPerImage = 64,
                Reconstructions = [.. pairs.Take(6).Select(p => new Reconstruction(p.Image, p.Image))],
            },
            Speech = new()
            {
                HeldOutClips = 200,
                TokensPerSecond = 25,
                CodebookSize = 500,
                CodesUsed = 322,
                MelCepstralDistortionDb = 3.34,
                RecognizedWords = ["eleven", "seven"],
                OriginalRecognized = 0.985,
                DecodedRecognized = 0.955,
                Models = [.. architectures.Select((a, j) => new ModelSpeechQuality { Architecture = a, HeardClips = 200, HeardRight = 0.9 + (0.01 * j), WordErrorRate = 0.1, SpokenClips = 100, SpokenRecognized = 0.88 })],
                Reconstructions = [new("seven", Sound(), Sound())],
            },
            Notes = ["One seed; the spread between seeds was not measured.", "Both models use the learning rate found for the dense one."],
        };
    }

    private static System.Collections.Immutable.ImmutableSortedDictionary<string, string> ToImmutable(this Dictionary<string, string> facts) =>
        System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, facts);
}
