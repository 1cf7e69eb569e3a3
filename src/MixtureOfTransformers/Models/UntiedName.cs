using System.Globalization;

namespace MixtureOfTransformers.Models;

/// <summary>Where a parameter's name says which tower it belongs to: <c>layers.3.wo.1.weight</c> is of tower 1.</summary>
internal static class UntiedName
{
    /// <summary>The place of the tower's number among the parts of a name; −1 where it has none.</summary>
    public static int PlaceIn(string[] parts) => Array.FindIndex(parts, parts[0] == "layers" ? 2 : 0, part => int.TryParse(part, out _));

    /// <summary>The tower of a parameter, 0 for a part that all share; null where the name has none.</summary>
    public static int? TowerOf(string name)
    {
        var parts = name.Split('.');
        return PlaceIn(parts) is >= 0 and var place ? int.Parse(parts[place], CultureInfo.InvariantCulture) : null;
    }
}
