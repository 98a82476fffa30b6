/** A JSON object whose values a patch replaces, merges or (null) removes. */
export type TwinDocument = Readonly<Record<string, unknown>>;

export interface TwinSection {
  readonly properties: TwinDocument;
  readonly version: number;
  /** Platform clock, ISO 8601 UTC. */
  readonly lastUpdated: string;
}

export interface Twin {
  readonly desired: TwinSection;
  readonly reported: TwinSection;
  readonly tags: TwinDocument;
  /** Grows with each change made by the service side. */
  readonly version: number;
}

export function newTwin(lastUpdated: string): Twin {
  const empty: TwinSection = { properties: {}, version: 1, lastUpdated };
  return { desired: empty, reported: empty, tags: {}, version: 1 };
}

export function isTwinDocument(value: unknown): value is TwinDocument {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns the document after a merge patch: objects merge, null removes, anything else replaces. */
export function mergePatch(document: TwinDocument, patch: TwinDocument): TwinDocument {
  const merged: Record<string, unknown> = Object.assign(Object.create(null), document);
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith("$")) continue;
    if (value === null) delete merged[name];
    else if (isTwinDocument(value)) {
      const current = merged[name];
      merged[name] = mergePatch(isTwinDocument(current) ? current : {}, value);
    } else merged[name] = value;
  }
  return { ...merged };
}

/** Returns the section after the patch, one version on. */
export function patchSection(section: TwinSection, patch: TwinDocument, lastUpdated: string): TwinSection {
  return { properties: mergePatch(section.properties, patch), version: section.version + 1, lastUpdated };
}

/** Returns a section as clients read it, with its `$version`. */
export function sectionForDevice(section: TwinSection): TwinDocument {
  return { ...section.properties, $version: section.version };
}

/** Returns a section as the service side reads it, with `$metadata` and `$version`. */
export function sectionForService(section: TwinSection): TwinDocument {
  return {
    ...section.properties,
    $metadata: { $lastUpdated: section.lastUpdated },
    $version: section.version,
  };
}
