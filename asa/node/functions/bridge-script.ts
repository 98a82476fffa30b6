/**
 * Runs inside the sandbox before a user's script: turns arguments and results into one JSON text, so that a call
 * crosses the WebAssembly border once. It keeps its own references to built-ins, which a script may replace.
 *
 * A value is a plain JSON scalar, or a tagged list: `["a", ...]` array, `["o", name, value, ...]` record, `["d", ms]`
 * date, `["n", text]` a number that JSON cannot write.
 */
export const bridgeScript = `
(() => {
  "use strict";
  const { parse, stringify } = JSON;
  const { isArray } = Array;
  const { keys, defineProperty } = Object;
  const { isFinite: finite } = Number;
  const DateObject = Date;
  const PromiseObject = Promise;
  const boxes = [Number, String, Boolean];
  const valuesOf = [Number.prototype.valueOf, String.prototype.valueOf, Boolean.prototype.valueOf];
  const getTime = Date.prototype.getTime;
  const apply = Reflect.apply;
  const TextOf = String;
  const Failure = TypeError;
  const decode = (coded) => {
    if (!isArray(coded)) return coded;
    switch (coded[0]) {
      case "d": return new DateObject(coded[1]);
      case "n": return +coded[1];
      case "a": {
        const items = [];
        for (let i = 1; i < coded.length; i++) items[i - 1] = decode(coded[i]);
        return items;
      }
      default: {
        const record = {};
        for (let i = 1; i < coded.length; i += 2)
          defineProperty(record, coded[i], { value: decode(coded[i + 1]), enumerable: true, configurable: true, writable: true });
        return record;
      }
    }
  };
  const encode = (value, depth) => {
    switch (typeof value) {
      case "string": case "boolean": return value;
      case "undefined": return null;
      case "number": return finite(value) ? value : ["n", TextOf(value)];
      case "object": break;
      default: throw new Failure("the function returned a " + typeof value + ", which is no value of the query language");
    }
    if (value === null) return null;
    if (depth > 100) throw new Failure("the function returned a value that is nested deeper than 100 levels");
    if (value instanceof DateObject) {
      const time = apply(getTime, value, []);
      if (time < -62135596800000 || time > 253402300799999)
        throw new Failure("the function returned a Date outside the years 1 to 9999");
      return ["d", time];
    }
    if (value instanceof PromiseObject)
      throw new Failure("the function returned a promise; a function gives its result at once, without async");
    if (isArray(value)) {
      const coded = ["a"];
      for (let i = 0; i < value.length; i++) coded[i + 1] = encode(value[i], depth + 1);
      return coded;
    }
    for (let i = 0; i < 3; i++)
      if (value instanceof boxes[i]) return encode(apply(valuesOf[i], value, []), depth);
    const coded = ["o"];
    const names = keys(value);
    for (let i = 0; i < names.length; i++) {
      coded[2 * i + 1] = names[i];
      coded[2 * i + 2] = encode(value[names[i]], depth + 1);
    }
    return coded;
  };
  const instances = new Map();
  const get = (id) => instances.get(id);
  return {
    call: (text) => {
      const args = decode(parse(text));
      return stringify(encode(apply(main, undefined, args), 0));
    },
    create: (id) => {
      const instance = new main();
      instances.set(id, instance);
      instance.init();
    },
    accumulate: (id, text) => {
      const args = decode(parse(text));
      get(id).accumulate(args[0], args[1]);
    },
    compute: (id) => stringify(encode(get(id).computeResult(), 0)),
    release: (id) => { instances.delete(id); },
    inspect: () => {
      if (typeof main !== "function") return "no main";
      return "ok";
    },
  };
})()
`;
