using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Cells of an image, pixels or latents, that are cut into squares: patches from left to right and from top to bottom.</summary>
/// <param name="Width">Cells per row, a multiple of <paramref name="PatchSize"/>.</param>
/// <param name="Height">Rows of cells, a multiple of <paramref name="PatchSize"/>.</param>
/// <param name="Channels">Numbers of a cell.</param>
/// <param name="PatchSize">Cells of a patch along each side.</param>
public readonly record struct PatchGrid(int Width, int Height, int Channels, int PatchSize)
{
    /// <summary>Patches in a row.</summary>
    public int Columns => Width / PatchSize;

    /// <summary>How the patches lie.</summary>
    internal TokenGrid Tokens => new(Columns, Height / PatchSize);

    /// <summary>Patches of an image, which is its tokens.</summary>
    public int PatchCount => Tokens.Count;

    /// <summary>Numbers of a patch, X.</summary>
    public int PatchDim => Channels * PatchSize * PatchSize;

    /// <summary>Numbers of an image.</summary>
    public int NumberCount => Width * Height * Channels;

    /// <summary>Patches of cells; a patch is its rows of interleaved channels.</summary>
    /// <param name="cells">[Height, Width, Channels].</param>
    /// <returns>[patches, X].</returns>
    public float[] Cut(ReadOnlySpan<float> cells)
    {
        var patches = new float[NumberCount];
        for (var i = 0; i < patches.Length; i++)
            patches[i] = cells[CellOf(i)];
        return patches;
    }

    /// <summary>Cells of patches, the inverse of <see cref="Cut"/>.</summary>
    /// <param name="patches">[patches, X].</param>
    /// <returns>[Height, Width, Channels].</returns>
    /// <exception cref="MotException">There are more or fewer numbers than an image has.</exception>
    public float[] Join(ReadOnlySpan<float> patches)
    {
        if (patches.Length != NumberCount)
            throw new MotException($"{patches.Length} numbers are no image; one has {NumberCount}");
        var cells = new float[NumberCount];
        for (var i = 0; i < cells.Length; i++)
            cells[CellOf(i)] = patches[i];
        return cells;
    }

    /// <summary>This grid, checked.</summary>
    /// <param name="unit">What cells are, for the message.</param>
    /// <exception cref="ConfigException">The patches do not fit.</exception>
    internal PatchGrid Validate(string unit) => PatchSize >= 1 && Width % PatchSize == 0 && Height % PatchSize == 0 ? this
        : throw new ConfigException($"image patches: size {PatchSize} must be positive and divide the {Width}x{Height} {unit} of the images");

    /// <summary>The number of an image that stands at a place of its patches.</summary>
    private int CellOf(int place)
    {
        var (patch, inside) = Math.DivRem(place, PatchDim);
        var (row, rest) = Math.DivRem(inside, PatchSize * Channels);
        var (patchRow, patchColumn) = Math.DivRem(patch, Columns);
        return ((((patchRow * PatchSize) + row) * Width) + (patchColumn * PatchSize)) * Channels + rest;
    }
}
