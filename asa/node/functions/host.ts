import type { FunctionHost } from "../../api";
import { convertValue, DateTime, type Value } from "../../values";
import { AsaToolError } from "../errors";
import type { FunctionDefinition } from "../project";
import { decodeResult, encodeArguments } from "./encoding";
import { type FunctionLimits, Sandbox } from "./sandbox";

/** A host whose engines can be given back. */
export interface JavaScriptFunctionHost extends FunctionHost {
  dispose(): void;
}

/**
 * Loads the JavaScript functions of a job into sandboxes, one each. Names are matched without regard to letter case.
 *
 * @throws {AsaToolError} ASA_FUNCTION_INVALID when a script does not load
 */
export async function createFunctionHost(
  definitions: readonly FunctionDefinition[],
  limits: FunctionLimits = {},
): Promise<JavaScriptFunctionHost> {
  const loaded = new Map<string, { readonly definition: FunctionDefinition; readonly sandbox: Sandbox }>();
  for (const definition of definitions) {
    const sandbox = await Sandbox.load(definition, limits);
    loaded.set(definition.name.toLowerCase(), { definition, sandbox });
  }

  const named = (name: string, kind: FunctionDefinition["kind"]) => {
    const found = loaded.get(name.toLowerCase());
    if (found === undefined || found.definition.kind !== kind)
      throw new AsaToolError(
        "ASA_FUNCTION_INVALID",
        `${kind} function "${name}" is not part of the project`,
        {
          hint: "List its X.js.json in the project file.",
        },
      );
    return found;
  };

  return {
    callScalar(name, args) {
      const { definition, sandbox } = named(name, "scalar");
      const result = decodeResult(sandbox.invoke("call", undefined, encodeArguments(args)) as string);
      return converted(result, definition);
    },
    createAggregate(name) {
      const { definition, sandbox } = named(name, "aggregate");
      return new Aggregate(definition, sandbox);
    },
    dispose() {
      for (const { sandbox } of loaded.values()) sandbox.dispose();
      loaded.clear();
    },
  };
}

/** `OutputType` converts a result as an implicit conversion does; one that cannot be converted stops the job. */
function converted(value: Value, definition: FunctionDefinition): Value {
  if (definition.outputType === "any" || value === null) return value;
  const result = convertValue(value, definition.outputType);
  if (result === undefined)
    throw new AsaToolError(
      "ASA_FUNCTION_FAILED",
      `Function '${definition.name.toLowerCase()}' returned a value that is no ${definition.outputType}`,
      { place: { file: definition.file }, hint: 'Correct the script, or "OutputType" in its definition.' },
    );
  return result;
}

let nextInstance = 1;
const abandoned = new FinalizationRegistry<{ readonly sandbox: WeakRef<Sandbox>; readonly id: number }>(
  ({ sandbox, id }) => {
    try {
      sandbox.deref()?.invoke("release", id);
    } catch {
      // The sandbox was disposed of before its instances were collected.
    }
  },
);

/** One state of a user-defined aggregate. Its snapshot is the list of what it was given: value, time, value, time. */
class Aggregate {
  readonly #definition: FunctionDefinition;
  readonly #sandbox: Sandbox;
  readonly #id = nextInstance++;
  readonly #given: Value[] = [];

  constructor(definition: FunctionDefinition, sandbox: Sandbox) {
    this.#definition = definition;
    this.#sandbox = sandbox;
    sandbox.invoke("create", this.#id);
    abandoned.register(this, { sandbox: new WeakRef(sandbox), id: this.#id });
  }

  accumulate(value: Value, timeTicks: bigint): void {
    const time = new DateTime(timeTicks);
    this.#sandbox.invoke("accumulate", this.#id, encodeArguments([value, time]));
    this.#given.push(value, time);
  }

  compute(): Value {
    return converted(decodeResult(this.#sandbox.invoke("compute", this.#id) as string), this.#definition);
  }

  snapshot(): Value[] {
    return [...this.#given];
  }
}
