import { runFile } from "../../../support/asa";

function value(expression: string, body = "{}"): string {
  const [row] = runFile(`SELECT ${expression} AS x FROM input`, [body]);
  return row!.slice(5, -1);
}

const text = `'{"a":{"b":[1,2.5,"c"]},"n":null,"t":true,"x y":"z","A":7}'`;

describe("JSON functions", () => {
  it.each([
    [`ISJSON('{"a":1}')`, "1"],
    ["ISJSON('[1]')", "1"],
    ["ISJSON('1')", "0"],
    ["ISJSON('{a:1}')", "0"],
    ["ISJSON(missing)", "null"],
    [`JSON_VALUE(${text}, '$.a.b[0]')`, '"1"'],
    [`JSON_VALUE(${text}, '$.a.b[1]')`, '"2.5"'],
    [`JSON_VALUE(${text}, '$.a.b[2]')`, '"c"'],
    [`JSON_VALUE(${text}, '$.a.b[3]')`, "null"],
    [`JSON_VALUE(${text}, '$.a')`, "null"],
    [`JSON_VALUE(${text}, '$.n')`, "null"],
    [`JSON_VALUE(${text}, '$.t')`, '"true"'],
    [`JSON_VALUE(${text}, 'lax $."x y"')`, '"z"'],
    [`JSON_VALUE(${text}, 'strict $.A')`, '"7"'],
    [`JSON_VALUE(${text}, '$.B')`, "null"],
    [`JSON_QUERY(${text}, '$.a')`, '"{\\"b\\":[1,2.5,\\"c\\"]}"'],
    [`JSON_QUERY(${text}, '$.a.b')`, '"[1,2.5,\\"c\\"]"'],
    [`JSON_QUERY(${text}, '$.t')`, "null"],
    [`JSON_QUERY('[]')`, '"[]"'],
    [`JSON_MODIFY('{"a":1}', '$.a', 2)`, '"{\\"a\\":2}"'],
    [`JSON_MODIFY('{"a":1}', '$.b', 'x')`, '"{\\"a\\":1,\\"b\\":\\"x\\"}"'],
    [`JSON_MODIFY('{"a":1,"b":2}', '$.a', NULL)`, '"{\\"b\\":2}"'],
    [`JSON_MODIFY('{"a":1}', 'strict $.a', NULL)`, '"{\\"a\\":null}"'],
    [`JSON_MODIFY('{"a":[1]}', 'append $.a', 2)`, '"{\\"a\\":[1,2]}"'],
    [`JSON_MODIFY('{"a":[1,2]}', '$.a[1]', 3)`, '"{\\"a\\":[1,3]}"'],
    [`JSON_MODIFY('{"a":[1,2]}', '$.a[5]', 3)`, '"{\\"a\\":[1,2]}"'],
    [`JSON_MODIFY('{}', '$.a.b', 3)`, '"{}"'],
    [`JSON_MODIFY(NULL, '$.a', 3)`, "null"],
  ])("%s is %s", (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });

  it("take records and arrays of the event as they are", () => {
    const body = '{"r":{"k":[10,20]}}';
    expect(value("JSON_VALUE(r, '$.k[1]')", body)).toBe('"20"');
    expect(value("JSON_QUERY(r.k)", body)).toBe('"[10,20]"');
    expect(value("ISJSON(r)", body)).toBe("1");
  });

  it.each([
    [`JSON_VALUE('{"a":', '$.a')`, "the 1st argument of function json_value is not JSON"],
    [`JSON_VALUE('{}', 'a')`, '"a" is no JSON path for function json_value'],
    [`JSON_VALUE('{}', 'append $.a')`, "is no JSON path"],
    [`JSON_VALUE('{}', 'strict $.a')`, "found nothing at its strict path"],
    [`JSON_VALUE('{"a":[]}', 'strict $.a')`, "found no scalar"],
    [`JSON_QUERY('{"a":1}', 'strict $.a')`, "found no object or array"],
    [`JSON_MODIFY('{}', 'strict $.a', 1)`, "found nothing at its strict path"],
    [`JSON_MODIFY('{"a":1}', 'append strict $.a', 1)`, "found no array to append to"],
  ])("%s stops the job", (expression, message) => {
    expect(() => value(expression)).toThrow(
      expect.objectContaining({ code: "ASA_ARGUMENT_VALUE", message: expect.stringContaining(message) }),
    );
  });
});
