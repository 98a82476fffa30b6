import type { TwinRelationship, TwinStore } from "../../domain/twins";
import { type EntraService, sendToService } from "../entra/entra-client";

const version = "api-version=2023-10-31";
const patchType = { "content-type": "application/json-patch+json" };
const unlessThere = { "if-none-match": "*" };

type Document = Readonly<Record<string, unknown>>;

interface IncomingPage {
  readonly value: readonly { readonly $sourceId: string; readonly $relationshipName: string }[];
  readonly nextLink?: string | null;
}

/** Keeps twins in Azure Digital Twins. */
export function digitalTwinsStore(service: EntraService): TwinStore {
  const twinPath = (id: string) => `/digitaltwins/${encodeURIComponent(id)}`;
  const relationshipPath = ({ source, name, target }: TwinRelationship) =>
    `${twinPath(source)}/relationships/${encodeURIComponent(`${name}-${target}`)}?${version}`;
  return {
    async find(id) {
      const { status, body, etag } = await sendToService(service, {
        method: "GET",
        path: `${twinPath(id)}?${version}`,
        expected: [200, 404],
      });
      if (status === 404) return undefined;
      const properties = body as Document;
      return { etag: etag ?? String(properties["$etag"]), properties };
    },

    async create({ id, model, properties }) {
      const { status } = await sendToService(service, {
        method: "PUT",
        path: `${twinPath(id)}?${version}`,
        headers: unlessThere,
        body: { $metadata: { $model: model }, ...properties },
        expected: [200, 412],
      });
      return status === 200;
    },

    async update({ id, properties }, etag) {
      // To add is to set: a property may have no value yet.
      const patch = Object.entries(properties).map(([name, value]) => ({
        op: "add",
        path: `/${name}`,
        value,
      }));
      const { status } = await sendToService(service, {
        method: "PATCH",
        path: `${twinPath(id)}?${version}`,
        headers: { ...patchType, "if-match": etag },
        body: patch,
        expected: [204, 404, 412],
      });
      return status === 204;
    },

    async relate(relationship) {
      await sendToService(service, {
        method: "PUT",
        path: relationshipPath(relationship),
        headers: unlessThere,
        body: { $targetId: relationship.target, $relationshipName: relationship.name },
        expected: [200, 412],
      });
    },

    async unrelate(relationship) {
      await sendToService(service, {
        method: "DELETE",
        path: relationshipPath(relationship),
        expected: [204, 404],
      });
    },

    async sourcesOf(target, name) {
      const sources: string[] = [];
      let path: string | null = `${twinPath(target)}/incomingrelationships?${version}`;
      while (path !== null) {
        const { body } = await sendToService(service, { method: "GET", path, expected: [200] });
        const page = body as IncomingPage;
        for (const { $sourceId, $relationshipName } of page.value) {
          if ($relationshipName === name) sources.push($sourceId);
        }
        path = page.nextLink ? pathOf(page.nextLink, service.address) : null;
      }
      return sources;
    },
  };
}

function pathOf(link: string, base: string): string {
  const { pathname, search } = new URL(link, base);
  return `${pathname}${search}`;
}
