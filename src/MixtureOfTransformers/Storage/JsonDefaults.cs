using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MixtureOfTransformers.Storage;

/// <summary>Keeps the defaults of <c>init</c> properties when JSON does not name them. Source-generated deserialization on its own sets every such property,
/// the missing ones to zero or null, because it fills them in an object initializer. Refuses null where C# does.</summary>
internal static class JsonDefaults
{
    private static readonly ConditionalWeakTable<JsonTypeInfo, JsonTypeInfo> Known = [];

    /// <summary>The same contract, except that objects are made first and only the properties named in the JSON are set.</summary>
    public static JsonTypeInfo<T> Keep<T>(JsonTypeInfo<T> type) => (JsonTypeInfo<T>)Known.GetValue(type, static type =>
    {
        var options = new JsonSerializerOptions(type.Options) { TypeInfoResolver = type.Options.TypeInfoResolver!.WithAddedModifier(SetOnlyWhatIsNamed), RespectNullableAnnotations = true };
        return options.GetTypeInfo(type.Type);
    });

    private static void SetOnlyWhatIsNamed(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || type.Type.IsAbstract || type.Type.GetConstructor(Type.EmptyTypes) is null)
            return;
        type.CreateObject = () => Activator.CreateInstance(type.Type)!;
        foreach (var property in type.Properties)
            if (property.AttributeProvider is PropertyInfo { CanWrite: true } reflected)
                property.Set = (instance, value) => reflected.SetValue(instance, value);
    }
}
