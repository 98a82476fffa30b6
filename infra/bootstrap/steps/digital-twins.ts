import { canonical, holds } from "../canonical";
import { BootstrapError } from "../errors";
import type { ServiceClient } from "../service-client";
import type { Step } from "../step";

const version = "api-version=2023-10-31";

/** A DTDL interface. */
export interface TwinModel {
  readonly "@id": string;
  readonly [key: string]: unknown;
}

interface ModelPage {
  readonly value: readonly {
    readonly id: string;
    readonly model?: TwinModel;
    readonly decommissioned?: boolean;
  }[];
  readonly nextLink?: string | null;
}

/**
 * Uploads the DTDL models. A model is immutable: another text under the same id is an error, a new version a new id.
 */
export function twinModels(client: () => Promise<ServiceClient>, models: readonly TwinModel[]): Step {
  const missing = async (): Promise<TwinModel[]> => {
    const known = new Map<string, ModelPage["value"][number]>();
    const service = await client();
    let path: string | null = `/models?includeModelDefinition=true&${version}`;
    while (path !== null) {
      const page = (await service.get(path)).body as ModelPage;
      for (const entry of page.value) known.set(entry.id, entry);
      const next: string | null | undefined = page.nextLink;
      path = next === null || next === undefined ? null : pathOf(next);
    }
    return models.filter((model) => {
      const found = known.get(model["@id"]);
      if (found === undefined) return true;
      if (found.decommissioned === true || canonical(found.model) !== canonical(model)) {
        throw new BootstrapError(
          "BOOTSTRAP_MODEL_CHANGED",
          `Digital Twins holds ${model["@id"]} ${found.decommissioned === true ? "decommissioned" : "with another text"}`,
          "models are immutable: give the new text the next version in its @id (…;2) and move the twins",
        );
      }
      return false;
    });
  };
  return {
    name: "digital-twins-models",
    plan: () => models.map((model) => `upload model ${model["@id"]}`),
    isDone: async () => models.length === 0 || (await missing()).length === 0,
    apply: async () => {
      const upload = await missing();
      // Together, so that models may name one another.
      if (upload.length > 0) await (await client()).send("POST", `/models?${version}`, upload, [200, 201]);
    },
  };
}

export interface TwinRoute {
  readonly id: string;
  /** Endpoint of the instance, made by the analytics stack. */
  readonly endpointName: string;
  readonly filter: string;
}

/** Routes that carry the twins' events to the instance's endpoints. */
export function twinRoutes(client: () => Promise<ServiceClient>, routes: readonly TwinRoute[]): Step {
  const bodyOf = ({ endpointName, filter }: TwinRoute) => ({ endpointName, filter });
  const path = ({ id }: TwinRoute) => `/eventroutes/${encodeURIComponent(id)}?${version}`;
  const missing = async (): Promise<TwinRoute[]> => {
    const service = await client();
    const found = await Promise.all(routes.map((route) => service.find(path(route))));
    return routes.filter((route, index) => !holds(found[index], bodyOf(route)));
  };
  return {
    name: "digital-twins-routes",
    plan: () =>
      routes.map(({ id, endpointName, filter }) => `route ${id} to ${endpointName} where ${filter}`),
    isDone: async () => (await missing()).length === 0,
    apply: async () => {
      for (const route of await missing())
        await (await client()).send("PUT", path(route), bodyOf(route), [200, 201, 204]);
    },
  };
}

const pathOf = (address: string): string => {
  const { pathname, search } = new URL(address, "https://digitaltwins.invalid");
  return `${pathname}${search}`;
};
