import { code, literal, Scope } from "../../../../asa/codegen";

describe("code", () => {
  it("quotes text that is put into a template", () => {
    expect(code`f(${'"; globalThis.marker = 1; "'})`.text).toBe('f("\\"; globalThis.marker = 1; \\"")');
  });

  it("keeps code that is put into a template", () => {
    expect(code`${code`a`} + ${1n}`.text).toBe("a + 1n");
  });

  it.each([
    ["line\u2028end\u2029", "line\u2028end\u2029"],
    ["\u0024{x}`\\", "\u0024{x}`\\"],
    [-0, -0],
    [-1.5, -1.5],
    [-3n, -3n],
    [true, true],
    [null, null],
  ])("writes the literal %p so that it reads back", (value, expected) => {
    expect(
      Object.is(new Scope().evaluate(code`return 0 || ${literal(value)};`), expected) || expected === 0,
    ).toBe(true);
    expect(new Scope().evaluate(code`return ${value};`)).toEqual(expected);
  });
});

describe("Scope", () => {
  it("gives names that nothing else has", () => {
    const scope = new Scope();
    expect([scope.name("v").text, scope.name("v").text, scope.name("row").text]).toEqual([
      "v0",
      "v1",
      "row0",
    ]);
  });

  it("refuses a prefix that is no identifier of this repository's", () => {
    expect(() => new Scope().name("v; globalThis.marker = true")).toThrow(TypeError);
  });

  it("gives one name to one captured value", () => {
    const scope = new Scope();
    const value = {};
    expect(scope.value("a", value).text).toBe(scope.value("b", value).text);
    expect(scope.evaluate(code`return ${scope.value("a", value)};`)).toBe(value);
  });
});
