import facts from "./provider-facts.json";

/** What a provider says about one argument; the letters of `f` and the other keys stand in the file's legend. */
export interface ArgumentFacts {
  /** r required, o optional, c computed, F force-new, S sensitive, W write-only, D deprecated, A block that is an attribute. */
  readonly f: string;
  readonly t: string;
  readonly e?: string;
  readonly def?: unknown;
  readonly max?: number;
  readonly min?: number;
  readonly enum?: readonly (string | number)[];
  /** The enum is one of several validators: other values may pass too. */
  readonly enumAlso?: boolean;
  readonly ic?: boolean;
  readonly range?: { readonly min?: number; readonly max?: number; readonly div?: number };
  readonly len?: readonly [number, number];
  readonly lenA?: readonly [number, number];
  readonly idt?: string;
  readonly el?: Omit<ArgumentFacts, "f" | "t">;
  readonly cw?: readonly string[];
  readonly eo?: readonly string[];
  readonly alo?: readonly string[];
  readonly rw?: readonly string[];
}

/** What a provider says about one resource type. */
export interface ResourceFacts {
  readonly attrs: Readonly<Record<string, ArgumentFacts>>;
  /** Every change replaces the resource. */
  readonly noUpdate?: boolean;
  readonly cd?: boolean;
  readonly deprecated?: unknown;
  /** Shape of the resource's id. */
  readonly idTemplate?: string;
}

/** Schema of every synthesised resource type, written by scripts/infra-facts.mjs from the providers' own data. */
export const providerFacts = (facts as unknown as { resources: Readonly<Record<string, ResourceFacts>> }).resources;

/** Version of azurerm that the facts were read from. */
export const factsProvider = (facts as unknown as { provider: string }).provider;
