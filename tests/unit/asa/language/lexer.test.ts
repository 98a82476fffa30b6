import { Diagnostics, Source, tokenize } from "../../../../asa/language";

function lex(text: string): { readonly tokens: readonly string[]; readonly codes: readonly string[] } {
  const diagnostics = new Diagnostics("q");
  const tokens = tokenize(new Source(text, "q"), diagnostics).map((token) => `${token.kind}:${token.text}`);
  return { tokens: tokens.slice(0, -1), codes: diagnostics.list.map((finding) => finding.code) };
}

describe("tokenize", () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    [
      "names in brackets with an escaped bracket",
      "[a]]b] [outter.mid3.inner3]",
      ["quoted-name:a]b", "quoted-name:outter.mid3.inner3"],
    ],
    [
      "names in double quotes that hold brackets",
      '"[my][Field]" "a""b"',
      ["quoted-name:[my][Field]", 'quoted-name:a"b'],
    ],
    [
      "text with doubled quotes, prefix and line ends",
      "'it''s' N'x' 'a\nb'",
      ["string:it's", "string:x", "string:a\nb"],
    ],
    [
      "integers with leading zeros and floats",
      "00 1.5 .5 1e3 5.",
      ["integer:00", "float:1.5", "float:.5", "float:1e3", "float:5."],
    ],
    [
      "nested comments and comments to the end of a line",
      "a/* x /* y */ z */b--c\nd",
      ["name:a", "name:b", "name:d"],
    ],
    [
      "symbols of two characters",
      "a!<b!>c<>d!=e",
      ["name:a", "symbol:!<", "name:b", "symbol:!>", "name:c", "symbol:<>", "name:d", "symbol:!=", "name:e"],
    ],
    [
      "letters of any script and a byte order mark",
      "\uFEFFTemp\u00e9rature \u6e29\u5ea6 _x1",
      ["name:Temp\u00e9rature", "name:\u6e29\u5ea6", "name:_x1"],
    ],
    ["a member after a dot", "a.b.[0]", ["name:a", "symbol:.", "name:b", "symbol:.", "quoted-name:0"]],
  ];
  it.each(cases)("reads %s", (_, text, tokens) => {
    expect(lex(text)).toEqual({ tokens, codes: [] });
  });

  it("goes on behind every mistake", () => {
    expect(lex("a ! 'x\nb [c d").codes).toEqual([
      "ASA_UNEXPECTED_CHARACTER",
      "ASA_UNTERMINATED",
      "ASA_UNTERMINATED",
    ]);
    expect(lex("a ! 'x\nb [c d").tokens).toEqual(["name:a", "string:x", "name:b", "quoted-name:c", "name:d"]);
  });

  it("gives places by line and column for every kind of line end", () => {
    const places = tokenize(new Source("a\nb\r\nc\rd", "q"), new Diagnostics("q")).map(({ range }) => [
      range.line,
      range.column,
    ]);
    expect(places).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 1],
      [4, 2],
    ]);
  });
});
