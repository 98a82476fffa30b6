import type { SynthesisedResource } from "./synthesis";

/** One thing that a check holds against the synthesised stacks. */
export interface Finding {
  /** Name of the check, as it stands in the exceptions register and in tests. */
  readonly check: string;
  readonly stack: string;
  /** `<type>.<name>` of the resource, or a word for the stack itself. */
  readonly address: string;
  /** The construct's path. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
}

/** A finding about a resource. */
export function about(resource: SynthesisedResource, check: string, message: string, hint?: string): Finding {
  return {
    check,
    stack: resource.stack,
    address: resource.address,
    path: resource.path,
    message,
    ...(hint !== undefined && { hint }),
  };
}
