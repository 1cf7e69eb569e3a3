using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Checkpoints;

/// <summary>Auxiliary routers on disk, beside the checkpoints of a run: a folder for each checkpoint that some were trained for, with <c>routers.safetensors</c> and
/// <c>checksums.json</c>. They are told from those of other weights by the checksum of the model's file.</summary>
/// <param name="folder">The folder; made at the first save.</param>
public sealed class RouterStore(string folder)
{
    private const string WeightsFile = "routers.safetensors", ChecksumsFile = "checksums.json", ModelKey = "model_sha256";

    /// <summary>Whether there are routers for a checkpoint.</summary>
    public bool Has(Checkpoint checkpoint) => Directory.Exists(PathOf(checkpoint));

    /// <summary>Writes routers; those that were there are replaced.</summary>
    /// <param name="checkpoint">What they were trained for.</param>
    /// <param name="routers">The routers.</param>
    /// <returns>Their folder.</returns>
    /// <exception cref="IOException">The disk is full or cannot be written.</exception>
    public string Save(Checkpoint checkpoint, AuxiliaryRouters routers)
    {
        var path = PathOf(checkpoint);
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        AtomicFolder.Write(path, temporary =>
        {
            Safetensors.Save(Path.Combine(temporary, WeightsFile), routers.state_dict(), new Dictionary<string, string> { [ModelKey] = DigestOf(checkpoint) });
            JsonFile.Write(Path.Combine(temporary, ChecksumsFile), CheckpointChecksums.Of(temporary, [WeightsFile]), CheckpointJson.Default.CheckpointChecksums);
        });
        return path;
    }

    /// <summary>Reads the routers of a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="device">Where they go.</param>
    /// <returns>The routers; the caller disposes them. Null where there are none.</returns>
    /// <exception cref="MotException">A file is missing or damaged, or was made for other weights.</exception>
    public AuxiliaryRouters? Open(Checkpoint checkpoint, Device device)
    {
        var path = PathOf(checkpoint);
        if (!Directory.Exists(path))
            return null;
        JsonFile.Read(Path.Combine(path, ChecksumsFile), CheckpointJson.Default.CheckpointChecksums).Verify(path, [WeightsFile]);
        using (var file = Safetensors.Load(Path.Combine(path, WeightsFile)))
            if (file.Metadata.GetValueOrDefault(ModelKey) != DigestOf(checkpoint))
                throw new MotException($"{path} was trained for other weights than those of {checkpoint.Folder}; train the routers again");
        var routers = AuxiliaryRouters.Create(checkpoint.Config, device, generator: null);
        Safetensors.LoadInto(Path.Combine(path, WeightsFile), routers.state_dict());
        return routers;
    }

    private string PathOf(Checkpoint checkpoint) => Path.Combine(folder, Path.GetFileName(checkpoint.Folder));

    private static string DigestOf(Checkpoint checkpoint) => FileChecksum.Of(Path.Combine(checkpoint.Folder, Checkpoint.WeightsFile)).Sha256;
}
