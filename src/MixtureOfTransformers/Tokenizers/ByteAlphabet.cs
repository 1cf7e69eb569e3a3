namespace MixtureOfTransformers.Tokenizers;

/// <summary>GPT-2's way to write a byte as a visible character: printable Latin-1 stands for itself, the rest for characters from U+0100 on.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] _characters = CreateCharacters();
    private static readonly Dictionary<char, byte> _bytes = Enumerable.Range(0, 256).ToDictionary(b => _characters[b], b => (byte)b);

    /// <summary>The character of a byte.</summary>
    public static char CharacterOf(byte value) => _characters[value];

    /// <summary>The bytes that a token's characters stand for; null when a character stands for none.</summary>
    public static byte[]? BytesOf(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < bytes.Length; i++)
            if (!_bytes.TryGetValue(token[i], out bytes[i]))
                return null;
        return bytes;
    }

    private static char[] CreateCharacters()
    {
        var characters = new char[256];
        var next = 256;
        for (var b = 0; b < 256; b++)
            characters[b] = (char)(b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? b : next++);
        return characters;
    }
}
