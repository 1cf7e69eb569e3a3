using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Evaluation.Causality;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tests.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class ModelStagesTests
{
    [Theory]
    [InlineData(NormPlacement.Output)]
    [InlineData(NormPlacement.Pre)]
    public void StagesLeadFromTheEmbeddingsToTheLogitsInSequenceOrder(NormPlacement placement)
    {
        using var scope = NewDisposeScope();
        using var model = TestModels.Create(TestModels.Config(2, placement), 1);
        var batch = RandomRows.Create(RandomRows.VocabularyOf(model.Config), 2, 12, seed: 3);
        var stages = ModelStages.Run(model, batch);
        Assert.Equal(["embedding", "layer 1", "layer 2", "norm"], ModelStages.Names(model.Config));
        Assert.Equal(4, stages.Count);
        var embeddings = model.named_parameters().Single(p => p.name == "tok_embeddings").parameter;
        Assert.Equal(0, TestModels.Difference(stages[0], embeddings.index_select(0, tensor(batch.Inputs))));
        Assert.True(TestModels.Difference(model.Logits(stages[^1]), TestModels.Run(model, batch.Inputs, batch.Modalities, rows: 2).reshape(24, -1)) < 1e-12);
        using var routing = model.Route(batch.Modalities);
        using var context = new AttentionContext(model.Config, 2, 12, CPU, ScalarType.Float64);
        Assert.True(TestModels.Difference(routing.Group(stages[2]), model.Layers[1].call(routing.Group(stages[1]), routing, context)) < 1e-12);
    }

    [Fact]
    public void WhatIsObservedOutlivesThePass()
    {
        using var scope = NewDisposeScope();
        using var model = TestModels.Create(TestModels.Config().AsDense(), 2); // one tower: restoring the order copies nothing
        var batch = RandomRows.Create(RandomRows.VocabularyOf(model.Config), 1, 8, seed: 4);
        Assert.All(ModelStages.Run(model, batch), stage => Assert.Equal([8, 32], stage.abs().shape));
    }
}
