#:project ../src/MixtureOfTransformers/MixtureOfTransformers.csproj
// Data, tokenizers, a model, a training loop of your own, and an image from a caption. Run: dotnet run examples/02-train-and-draw.cs [steps]
// 60 steps show that it works; some thousand are needed before the picture follows the caption.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Tokenizers;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

var recipe = RecipeFile.Parse($$"""
    {
      "name": "example",
      "data": {
        "sources": [{ "type": "scenes", "count": 2000, "max_objects": 1, "patterns": false, "smallest_size": "large" }],
        "image_size": 32
      },
      "text_tokenizer": { "vocabulary_size": 400 },
      "image_tokenizer": { "training": { "steps": 150 } },
      "model": { "dim": 64, "layer_count": 4, "head_count": 2, "feed_forward_dim": 192 },
      "training": { "sequence_length": 256, "batch_rows": 4, "steps": {{(args.Length > 0 ? args[0] : "60")}}, "learning_rate": 0.008 }
    }
    """, "this example");

// Trains both tokenizers and turns the documents into token shards. A folder that holds them already is reused.
var folder = Directory.CreateTempSubdirectory("mot-example-").FullName;
using var prepared = RecipePreparation.Run(recipe, folder, IStages.Silent);
var data = prepared.Data;
Console.WriteLine($"{data.Train.DocumentCount} documents, {data.Train.TokenCount} tokens");

var training = recipe.Training;
using var model = recipe.Model.Build(data.Vocabulary, training, recipe.Seed, CPU);
var batches = new PackedStream(data.Train, training.BatchRows, training.SequenceLength, recipe.Seed);
using var session = new TrainingSession(model, training, batches);
while (!session.IsComplete)
{
    var metrics = session.Step();
    if (metrics.Step % 20 == 0)
        Console.WriteLine($"step {metrics.Step}: text {metrics.ModalityLoss["text"]:0.000}, image {metrics.ModalityLoss["image"]:0.000}, {metrics.Tokens / metrics.Seconds:0} tokens/s");
}

var validation = new Validation([.. data.ValidationBatches(training.BatchRows, training.SequenceLength)]).Measure(model);
Console.WriteLine($"validation loss {validation.Loss:0.000}");

using var tokenizers = TokenizerSet.Open(prepared.TokenizersFolder);
var generator = TrainedModel.CreateGenerator(model, tokenizers);
var sampling = new SamplingOptions { Image = new() { Temperature = 0.7 }, ImageGuidance = 2, Seed = 1 };
var images = generator.GenerateImages(["a large red circle on a white background"], sampling);
var file = Path.Combine(folder, "circle.png");
ImageCodec.WritePng(file, images[0]);
Console.WriteLine($"drew {file}");
