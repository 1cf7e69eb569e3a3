using MixtureOfTransformers.Evaluation.Html;

namespace MixtureOfTransformers.Tests.Evaluation.Html;

public sealed class MarkupTests
{
    [Fact]
    public void HolesAreEscapedAndLiteralsAreNot()
    {
        var user = "<b>\"'&";
        Assert.Equal("<i title=\"&lt;b&gt;&quot;&#39;&amp;\">&lt;b&gt;&quot;&#39;&amp;</i>", Markup.Of($"<i title=\"{user}\">{user}</i>").ToString());
    }

    [Fact]
    public void MarkupInAHoleIsKept() => Assert.Equal("<p><b>&lt;</b></p>", Markup.Of($"<p>{Markup.Of($"<b>{"<"}</b>")}</p>").ToString());

    [Fact]
    public void PartsAreJoined() => Assert.Equal("<li>1</li><li>2</li>", Markup.Of($"{Enumerable.Range(1, 2).Select(i => Markup.Of($"<li>{i}</li>"))}").ToString());

    [Fact]
    public void CoordinatesHaveOneDecimalInEveryCulture() => Assert.Equal("12.3", Markup.Of($"{12.345}").ToString());
}
