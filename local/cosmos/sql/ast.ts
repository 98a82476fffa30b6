import type { Value } from "./value";

/** An expression of the query language; `offset` is the position in the query text that an error points to. */
export type Expression =
  | { readonly kind: "literal"; readonly value: Value; readonly offset: number }
  | { readonly kind: "parameter"; readonly name: string; readonly offset: number }
  | { readonly kind: "name"; readonly name: string; readonly offset: number }
  | {
      readonly kind: "member";
      readonly object: Expression;
      readonly property: Expression;
      readonly offset: number;
    }
  | {
      readonly kind: "unary";
      readonly operator: string;
      readonly operand: Expression;
      readonly offset: number;
    }
  | {
      readonly kind: "binary";
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
      readonly offset: number;
    }
  | {
      readonly kind: "conditional";
      readonly test: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
      readonly offset: number;
    }
  | {
      readonly kind: "between";
      readonly value: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly offset: number;
    }
  | {
      readonly kind: "in";
      readonly value: Expression;
      readonly options: readonly Expression[];
      readonly offset: number;
    }
  | {
      readonly kind: "like";
      readonly value: Expression;
      readonly pattern: Expression;
      readonly escapeCharacter: Expression | undefined;
      readonly offset: number;
    }
  | {
      readonly kind: "call";
      readonly name: string;
      readonly userDefined: boolean;
      readonly parameters: readonly Expression[];
      readonly offset: number;
    }
  | { readonly kind: "array"; readonly items: readonly Expression[]; readonly offset: number }
  | {
      readonly kind: "object";
      readonly properties: readonly { readonly name: string; readonly value: Expression }[];
      readonly offset: number;
    }
  | {
      readonly kind: "subquery";
      readonly form: "scalar" | "exists" | "array";
      readonly query: Query;
      readonly offset: number;
    };

/** What SELECT asks for. */
export type Selection =
  | { readonly kind: "star"; readonly offset: number }
  | { readonly kind: "value"; readonly expression: Expression }
  | { readonly kind: "list"; readonly items: readonly SelectItem[] };

export interface SelectItem {
  readonly expression: Expression;
  readonly alias: string | undefined;
}

/** One source of FROM or JOIN. `iterate` means `alias IN collection`: one row for each element. */
export interface Source {
  readonly alias: string;
  readonly iterate: boolean;
  readonly collection: Expression;
  readonly offset: number;
}

export interface OrderItem {
  readonly expression: Expression;
  readonly descending: boolean;
}

export interface Query {
  readonly distinct: boolean;
  readonly top: Expression | undefined;
  readonly selection: Selection;
  /** First the FROM source, then the joins in order; empty when the query has no FROM. */
  readonly sources: readonly Source[];
  readonly where: Expression | undefined;
  readonly groupBy: readonly Expression[];
  readonly orderBy: readonly OrderItem[];
  readonly offset: Expression | undefined;
  readonly limit: Expression | undefined;
}
