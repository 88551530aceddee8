using CsCheck;

namespace MtaSts.Tests;

public sealed class StsRecordTests
{
    [Theory]
    [InlineData("v=STSv1; id=1;", false)]
    [InlineData("v=STSv1; id=1; x=2;", false)]
    [InlineData("v=STSv1; id=1; id=1;", true)]
    [InlineData("v=STSv1; id=1; x=2; id=3", true)]
    public void TryParse_MoreThanOneId_IsNoted(string text, bool expected)
    {
        Assert.True(StsRecord.TryParse(text, out var record, out _));
        Assert.Equal(("1", expected), (record.Id.Value, record.HasFurtherIds));
    }

    [Theory]
    [InlineData("v=STSv1; id=20160831085700Z;", "20160831085700Z")]
    [InlineData("v=STSv1;id=1", "1")]
    [InlineData("v=STSv1; id=1", "1")]
    [InlineData("v=STSv1;\t id=abc \t; ", "abc")]
    [InlineData("v=STSv1; id=ABCdef0123456789ABCdef0123456789", "ABCdef0123456789ABCdef0123456789")]
    [InlineData("v=STSv1; id=1; x=y", "1")]
    [InlineData("v=STSv1; x.y-z_1=a:b<c>!; id=1;", "1")]
    [InlineData("v=STSv1; a234567890123456789012345678901b=y; id=1;", "1")]
    [InlineData("v=STSv1; id=1; id=2;", "1")]
    [InlineData("v=STSv1; ID=2; id=1;", "1")]
    public void TryParse_Record_HasId(string text, string id)
    {
        Assert.True(StsRecord.TryParse(text, out var record, out var error), error);
        Assert.Equal(id, record.Id.Value);
        Assert.Equal($"v=STSv1; id={id};", record.ToString());
    }

    [Theory]
    [InlineData(null, "doesn't start with v=STSv1;")]
    [InlineData("", "doesn't start with v=STSv1;")]
    [InlineData("v=STSv1", "doesn't start with v=STSv1;")]
    [InlineData("v=STS1; id=1;", "doesn't start with v=STSv1;")]
    [InlineData("v=stsv1; id=1;", "doesn't start with v=STSv1;")]
    [InlineData("V=STSv1; id=1;", "doesn't start with v=STSv1;")]
    [InlineData(" v=STSv1; id=1;", "doesn't start with v=STSv1;")]
    [InlineData("v=STSv1 ; id=1;", "doesn't start with v=STSv1;")]
    [InlineData("v=STSv12; id=1;", "doesn't start with v=STSv1;")]
    [InlineData("id=1; v=STSv1;", "doesn't start with v=STSv1;")]
    [InlineData("v=STSv1;", "has no id")]
    [InlineData("v=STSv1; x=y;", "has no id")]
    [InlineData("v=STSv1; ID=1;", "has no id")]
    [InlineData("v=STSv1; id=;", "has an id that is empty")]
    [InlineData("v=STSv1; id=2016-08-31;", "has an id that has a character that is not an ASCII letter or digit")]
    [InlineData("v=STSv1; id=a b;", "has an id that has a character that is not an ASCII letter or digit")]
    [InlineData("v=STSv1; id=\"1\";", "has an id that has a character that is not an ASCII letter or digit")]
    [InlineData("v=STSv1; id=ABCdef0123456789ABCdef0123456789x;", "has an id that has 33 characters; an id has at most 32")]
    [InlineData("v=STSv1; id = 1;", "has a field with a malformed name")]
    [InlineData("v=STSv1;; id=1;", "has an empty field")]
    [InlineData("v=STSv1; id=1;;", "has an empty field")]
    [InlineData("v=STSv1; id=1; ;", "has an empty field")]
    [InlineData("v=STSv1; id=1 ", "has white space at its end")]
    [InlineData("v=STSv1; id=1; x", "has a field without an equals sign")]
    [InlineData("v=STSv1; id=1; x=", "has a field without a value")]
    [InlineData("v=STSv1; id=1; =y", "has a field with a malformed name")]
    [InlineData("v=STSv1; id=1; _x=y", "has a field with a malformed name")]
    [InlineData("v=STSv1; a234567890123456789012345678901bc=y; id=1;", "has a field with a malformed name")]
    [InlineData("v=STSv1; id=1; x=y=z", "has a field with a malformed value")]
    [InlineData("v=STSv1; id=1; x=y z", "has a field with a malformed value")]
    [InlineData("v=STSv1; id=1; x=\u00E9", "has a field with a malformed value")]
    [InlineData("v=STSv1; id=1;\n", "has a field without an equals sign")]
    public void TryParse_NoRecord_SaysWhy(string? text, string expected)
    {
        Assert.False(StsRecord.TryParse(text, out var record, out var error));
        Assert.Null(record);
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData(TxtSelection.Missing)]
    [InlineData(TxtSelection.Missing, "v=spf1 -all", "v=STSv1", "v=STSv1 ; id=1", "")]
    [InlineData(TxtSelection.Valid, "v=STSv1; id=1;")]
    [InlineData(TxtSelection.Valid, "v=spf1 -all", "v=STSv1; id=1;", "v=stsv1; id=2;")]
    [InlineData(TxtSelection.Multiple, "v=STSv1; id=1;", "v=STSv1; id=1;")]
    [InlineData(TxtSelection.Multiple, "v=STSv1; id=1;", "v=STSv1;")] // a malformed one counts too
    [InlineData(TxtSelection.Invalid, "v=STSv1; id=-;", "other")]
    public void Select_Records_FollowsSection31(TxtSelection expected, params string[] txts)
    {
        Assert.Equal(expected, StsRecord.Select(txts, out var record, out var error));
        Assert.Equal(expected == TxtSelection.Valid ? "1" : null, record?.Id.Value);
        Assert.Equal(expected == TxtSelection.Invalid, error is not null);
    }

    [Fact]
    public void NameFor_Domain_HasTheUnderscoreLabel()
    {
        Assert.True(DomainName.TryParse("Example.com", out var domain, out _));
        Assert.Equal("_mta-sts.example.com", StsRecord.NameFor(domain));
    }

    [Fact]
    public void Format_AnyId_ReadsBackAsTheSame() => Policies.Any.Sample(static policy =>
        StsRecord.TryParse(StsRecord.Format(PolicyId.Compute(policy)), out var record, out _) && record.Id == PolicyId.Compute(policy));

    [Theory]
    [InlineData("v=STSv1 ; id=1;", true)]
    [InlineData("v=STSv1\t ;", true)]
    [InlineData("v=STSv1; id=1;", false)]
    [InlineData("v=STSv1 id=1;", false)]
    [InlineData("v=STSv1 ", false)]
    [InlineData("v=STSv1", false)]
    [InlineData(" v=STSv1 ;", false)]
    [InlineData("v=stsv1 ;", false)]
    [InlineData("", false)]
    public void HasSpacedVersion_WhiteSpaceBeforeTheFirstSemicolon_Only(string txt, bool isSpaced)
    {
        Assert.Equal(isSpaced, StsRecord.HasSpacedVersion(txt));
        Assert.Equal(isSpaced, TlsRptRecord.HasSpacedVersion(txt.Replace("STSv1", "TLSRPTv1", StringComparison.Ordinal)));
    }
}
