import type { TerraformResource } from "../bindings/cdktf";
import { PlatformStack } from "../stacks/platform-stack";

/** Refuses the destruction of a stateful resource in production: a plan that would destroy it fails. */
export function guard(resource: TerraformResource): void {
  const stack = PlatformStack.of(resource) as PlatformStack;
  if (stack.isProduction) resource.addOverride("lifecycle.prevent_destroy", true);
}
