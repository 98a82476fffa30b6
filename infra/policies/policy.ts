import type { ReferenceResolver } from "../checks/references";
import {
  blocksOf,
  type JsonObject,
  type JsonValue,
  type SynthesisedResource,
  type SynthesisedStage,
} from "../checks/synthesis";

/** A security rule over one resource type; the id is that of the checkov check it mirrors. */
export interface Policy {
  readonly id: string;
  readonly title: string;
  readonly types: readonly string[];
  /** Whether the resource keeps the rule. */
  readonly holds: (resource: SynthesisedResource, context: PolicyContext) => boolean;
}

export interface PolicyContext {
  readonly stage: SynthesisedStage;
  readonly resolver: ReferenceResolver;
}

/** Value at a dotted path, through the first block of each list. */
export function valueAt(args: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = args;
  for (const key of path.split(".")) value = blocksOf(value)[0]?.[key];
  return value;
}

/** The rule that an argument has one of some values; an absent argument breaks it. */
export const is =
  (path: string, ...values: readonly JsonValue[]): Policy["holds"] =>
  ({ args }) =>
    values.includes(valueAt(args, path) ?? null);

/** The rule that an argument is not the value; an absent argument keeps it. */
export const isNot =
  (path: string, value: JsonValue): Policy["holds"] =>
  ({ args }) =>
    valueAt(args, path) !== value;

/** The rule that an argument is given. */
export const given =
  (path: string): Policy["holds"] =>
  ({ args }) => {
    const value = valueAt(args, path);
    return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
  };

/** The rule that another resource of the type refers to this one by the argument, and keeps a rule of its own. */
export const companion =
  (type: string, argument: string, also: Policy["holds"] = () => true): Policy["holds"] =>
  (resource, context) =>
    context.stage.resources.some(
      (other) =>
        other.type === type &&
        also(other, context) &&
        context.resolver.target(other.stack, valueAt(other.args, argument))?.resource.key === resource.key,
    );

export const both =
  (...rules: readonly Policy["holds"][]): Policy["holds"] =>
  (resource, context) =>
    rules.every((rule) => rule(resource, context));

export const either =
  (...rules: readonly Policy["holds"][]): Policy["holds"] =>
  (resource, context) =>
    rules.some((rule) => rule(resource, context));
