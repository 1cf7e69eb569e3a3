using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Data.Audio;

namespace MixtureOfTransformers.Tests.Data;

public sealed class LibriSpeechSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TranscriptsInAnyFolderFindTheRecordingsBesideThem()
    {
        WavFile.Write(_folder.File("19/198/19-198-0000.wav"), TestAudio.Sine(200, 16000));
        WavFile.Write(_folder.File("84/12/84-12-0007.wav"), TestAudio.Sine(300, 16000));
        File.WriteAllText(_folder.File("19/198/19-198.trans.txt"), "19-198-0000 HE SAID\n19-198-0001 IT IS FLAC\n19-198-0003 IT IS NOT THERE\n\n19-198-0002\n");
        File.Copy(Repository.PathTo("tests", "MixtureOfTransformers.Tests", "Golden", "audio", "mono-8.flac"), _folder.File("19/198/19-198-0001.flac"));
        File.WriteAllText(_folder.File("84/12/84-12.trans.txt"), "84-12-0007 NOTHING\n");
        var problems = new ReadProblems();
        var source = new LibriSpeechSource(new() { Path = _folder.Path }, 8000);
        var documents = source.Read(problems).ToList();
        Assert.Equal(["he said", "it is flac", "nothing"], documents.Select(d => ((TextPart)d.Parts[0]).Text));
        Assert.All(documents, d => Assert.Equal(8000, ((SpeechPart)d.Parts[1]).Clip.SampleRate));
        Assert.Equal(5, source.EstimatedCount);
        Assert.Contains("no such recording", problems.First[0].Reason);
        Assert.Contains("no words", problems.First[1].Reason);
    }

    [Fact]
    public void AFolderWithoutTranscriptsIsNamed() =>
        Assert.Contains("*.trans.txt", Assert.Throws<MotException>(() => new LibriSpeechSource(new() { Path = _folder.Path }, 8000)).Message);
}
