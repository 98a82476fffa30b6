import type { CompileOptions, FunctionDeclaration, InputDeclaration } from "../../api";
import type { Dialect } from "../../dialect";
import type { CreateTableNode, Diagnostics, StepNode } from "../../language";
import { lookupBuiltin } from "../../language/builtins";
import type { StaticType, ValueType } from "../../values/value";
import type { Column, LogicalPlan, Relation, RelationId } from "../logical-plan";
import type { Binder } from "./bind";
import type { RowSource } from "./scope";

type Unnumbered<T> = T extends Relation ? Omit<T, "id" | "step"> : never;
/** A relation before it has its number. */
export type NewRelation = Unnumbered<Relation>;

/** What is known of the whole job while its statements are bound. */
export class Environment {
  readonly diagnostics: Diagnostics;
  readonly dialect: Dialect;
  readonly options: CompileOptions;
  readonly binder: Binder;
  /** Declared inputs by lower-case alias; empty: any name is a stream. */
  readonly inputs = new Map<string, InputDeclaration>();
  /** Columns of CREATE TABLE by lower-case input name. */
  readonly tables = new Map<
    string,
    { readonly node: CreateTableNode; readonly columns: readonly Column[] }
  >();
  /** WITH steps by lower-case name, in order. */
  readonly steps = new Map<string, StepNode>();
  /** Steps bound so far. */
  readonly boundSteps = new Map<string, RowSource>();
  readonly usedSteps = new Set<string>();
  readonly usedInputs = new Set<string>();
  readonly #relations: Relation[] = [];
  readonly #inputRelations = new Map<string, RelationId>();

  constructor(diagnostics: Diagnostics, dialect: Dialect, options: CompileOptions, binder: Binder) {
    this.binder = binder;
    this.diagnostics = diagnostics;
    this.dialect = dialect;
    this.options = options;
    for (const input of options.inputs ?? []) this.inputs.set(input.alias.toLowerCase(), input);
  }

  get relations(): LogicalPlan["relations"] {
    return this.#relations;
  }

  add(relation: NewRelation): RelationId {
    const id = this.#relations.length;
    this.#relations.push({ ...relation, id, step: null } as Relation);
    return id;
  }

  /** Adds an input relation unless one with the same clauses is there already. */
  addInput(key: string, relation: NewRelation): RelationId {
    const known = this.#inputRelations.get(key);
    if (known !== undefined) return known;
    const id = this.add(relation);
    this.#inputRelations.set(key, id);
    return id;
  }

  nameStep(id: RelationId, step: string): void {
    const relation = this.#relations[id] as Relation;
    if (relation.step === null) this.#relations[id] = { ...relation, step };
  }

  /** Returns the declared JavaScript function of that name; undefined when there is none. */
  findFunction(name: string): FunctionDeclaration | undefined {
    const wanted = name.toLowerCase();
    return this.options.functions?.find((candidate) => candidate.name.toLowerCase() === wanted);
  }
}

const typeNames: Readonly<Record<string, ValueType>> = {
  bigint: "bigint",
  float: "float",
  "nvarchar(max)": "nvarchar(max)",
  datetime: "datetime",
  bit: "bit",
  record: "record",
  array: "array",
};

const familiar: Readonly<Record<string, string>> = {
  int: "bigint",
  integer: "bigint",
  smallint: "bigint",
  tinyint: "bigint",
  long: "bigint",
  double: "float",
  real: "float",
  decimal: "float",
  numeric: "float",
  varchar: "nvarchar(max)",
  char: "nvarchar(max)",
  nchar: "nvarchar(max)",
  nvarchar: "nvarchar(max)",
  string: "nvarchar(max)",
  text: "nvarchar(max)",
  date: "datetime",
  datetime2: "datetime",
  datetimeoffset: "datetime",
  timestamp: "datetime",
  time: "datetime",
  bool: "bit",
  boolean: "bit",
};

/** Returns the type that a type node names; another name is reported. */
export function valueType(
  node: { readonly name: string; readonly argument: string | null; readonly range: CreateTableNode["range"] },
  diagnostics: Diagnostics,
): StaticType {
  const written = node.argument === null ? node.name : `${node.name}(${node.argument})`;
  const type = typeNames[written.toLowerCase()];
  if (type !== undefined) return type;
  const instead = familiar[node.name.toLowerCase()];
  diagnostics.error("ASA_UNKNOWN_TYPE", `type "${written}" does not exist`, node.range, {
    hint: instead === undefined ? `Use one of: ${Object.keys(typeNames).join(", ")}.` : `Use ${instead}.`,
  });
  return "any";
}

/** True for a function that must not be shadowed or misread as a column. */
export function isAggregateName(name: string): boolean {
  return lookupBuiltin(name)?.kind === "aggregate";
}
