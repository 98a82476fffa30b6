import type { TerraformResource } from "cdktf";

/**
 * Writes an argument under the name that the provider in use has given it, instead of the deprecated name that the
 * older bindings know. Both names are those of the synthesised JSON; paths of nested blocks have dots.
 */
export function renameArgument(resource: TerraformResource, from: string, to: string, value: unknown): void {
  resource.addOverride(from, undefined);
  resource.addOverride(to, value);
}
