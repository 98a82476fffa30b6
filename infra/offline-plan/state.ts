import { isObject, type JsonObject, type JsonValue } from "../checks/synthesis";
import { type PlannedResource, type ProviderSchemas, type SchemaBlock, schemaOf } from "./planned";

/** A state file. */
export interface StateFile {
  readonly version: 4;
  readonly terraform_version: string;
  readonly serial: number;
  readonly lineage: string;
  readonly outputs: Readonly<Record<string, { readonly value: JsonValue; readonly type: JsonValue }>>;
  readonly resources: readonly JsonObject[];
}

const typeOf = (value: JsonValue): JsonValue => {
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return "number";
  if (Array.isArray(value)) return ["tuple", value.map(typeOf)];
  if (isObject(value))
    return ["object", Object.fromEntries(Object.entries(value).map(([k, v]) => [k, typeOf(v)]))];
  return "string";
};

/** A state with the given outputs and resources. */
export function stateOf(
  outputs: Readonly<Record<string, JsonValue>>,
  resources: readonly JsonObject[] = [],
): StateFile {
  return {
    version: 4,
    terraform_version: "1.11.0",
    serial: 1,
    lineage: "00000000-0000-0000-0000-000000000000",
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, value]) => [name, { value, type: typeOf(value) }]),
    ),
    resources,
  };
}

/** Planned resources as a state file holds them; an attribute of any type has its type beside its value there. */
export function stateResources(
  resources: ReadonlyMap<string, PlannedResource>,
  schemas: ProviderSchemas,
): JsonObject[] {
  return [...resources.values()].map((resource) => ({
    mode: "managed",
    type: resource.type,
    name: resource.name,
    provider: `provider["${resource.provider_name}"]`,
    instances: [
      {
        schema_version: resource.schema_version,
        attributes: typed(resource.values, schemaOf(resource, schemas)),
        // Without them every resource with a secret argument would differ from its state.
        sensitive_attributes: secretPaths(resource.sensitive_values ?? {}, schemaOf(resource, schemas)),
        dependencies: [],
      },
    ],
  }));
}

function typed(values: JsonObject, block: SchemaBlock | undefined): JsonObject {
  const entries = Object.entries(values).map(([name, value]) =>
    block?.attributes?.[name]?.type === "dynamic" && value !== null
      ? [name, { value, type: typeOf(value) }]
      : [name, value],
  );
  return Object.fromEntries(entries);
}

/** Paths of the secret values as a state file writes them; an element of a set has none. */
function secretPaths(marks: JsonValue, block: SchemaBlock | undefined, path: JsonValue[] = []): JsonValue[] {
  if (marks === true) return [path];
  if (Array.isArray(marks)) {
    return marks.flatMap((mark, index) =>
      secretPaths(mark, block, [...path, { type: "index", value: { value: index, type: "number" } }]),
    );
  }
  if (!isObject(marks)) return [];
  return Object.entries(marks).flatMap(([name, mark]) => {
    const nested = block?.block_types?.[name];
    if (nested?.nesting_mode === "set") return [];
    return secretPaths(mark, nested?.block, [...path, { type: "get_attr", value: name }]);
  });
}
