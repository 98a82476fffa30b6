import type { AstNode } from "./ast";

function isNode(value: unknown): value is AstNode {
  return typeof value === "object" && value !== null && "kind" in value;
}

/** Returns the nodes directly below a node, in the order of the text. */
export function childrenOf(node: AstNode): readonly AstNode[] {
  const children: AstNode[] = [];
  for (const value of Object.values(node) as unknown[]) {
    if (Array.isArray(value)) children.push(...value.filter(isNode));
    else if (isNode(value)) children.push(value);
  }
  return children;
}

/** One optional function per kind of node; returning "skip" leaves out what is below the node. */
export type Visitor = {
  readonly [Kind in AstNode["kind"]]?: (
    node: Extract<AstNode, { readonly kind: Kind }>,
    ancestors: readonly AstNode[],
  ) => "skip" | undefined;
};

/** Calls the visitor's functions from the root down; `ancestors` ends with the node's parent. */
export function visit(root: AstNode, visitor: Visitor): void {
  const ancestors: AstNode[] = [];
  const enter = (node: AstNode): void => {
    const call = visitor[node.kind] as
      | ((node: AstNode, ancestors: readonly AstNode[]) => "skip" | undefined)
      | undefined;
    if (call?.(node, ancestors) === "skip") return;
    ancestors.push(node);
    for (const child of childrenOf(node)) enter(child);
    ancestors.pop();
  };
  enter(root);
}
