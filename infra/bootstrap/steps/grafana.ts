import { canonical, holds } from "../canonical";
import { BootstrapError } from "../errors";
import type { ServiceClient } from "../service-client";
import type { Step } from "../step";

/** A data source as Grafana's HTTP API takes it; it signs in with Grafana's own managed identity. */
export interface DataSource {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly access: "proxy";
  readonly jsonData: Readonly<Record<string, unknown>>;
}

/** Data Explorer of the stage; dashboards name it by its uid. */
export function dataExplorerSource(clusterUri: string, database: string): DataSource {
  return {
    uid: "data-explorer",
    name: "Data Explorer",
    type: "grafana-azure-data-explorer-datasource",
    access: "proxy",
    jsonData: {
      clusterUrl: clusterUri,
      defaultDatabase: database,
      dataConsistency: "strongconsistency",
      azureCredentials: { authType: "msi" },
    },
  };
}

/** Makes or changes a data source. */
export function grafanaSource(client: () => Promise<ServiceClient>, source: () => Promise<DataSource>): Step {
  const path = ({ uid }: DataSource) => `/api/datasources/uid/${uid}`;
  return {
    name: "grafana-data-source",
    plan: () => ["data source for Data Explorer, by Grafana's managed identity"],
    isDone: async () => {
      const wanted = await source();
      return holds(await (await client()).find(path(wanted)), wanted);
    },
    apply: async () => {
      const wanted = await source();
      const service = await client();
      if ((await service.find(path(wanted))) === null)
        await service.send("POST", "/api/datasources", wanted, [200, 201]);
      else await service.send("PUT", path(wanted), wanted, [200]);
    },
  };
}

/** A dashboard's model; `uid` names it, `id` and `version` belong to Grafana. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly [key: string]: unknown;
}

const folder = { uid: "lambda-platform", title: "Lambda platform" };

/** Dashboards in a folder of their own. What someone changed by hand is replaced by the repository's text. */
export function grafanaDashboards(
  client: () => Promise<ServiceClient>,
  dashboards: readonly Dashboard[],
): Step {
  for (const { uid, title } of dashboards) {
    if (typeof uid !== "string" || uid === "" || typeof title !== "string") {
      throw new BootstrapError(
        "BOOTSTRAP_DASHBOARD",
        "a dashboard of infra/data-plane/grafana has no uid or title",
        "give it both: the uid keeps its address",
      );
    }
  }
  const stale = async (): Promise<Dashboard[]> => {
    const service = await client();
    const found = await Promise.all(dashboards.map(({ uid }) => service.find(`/api/dashboards/uid/${uid}`)));
    return dashboards.filter((dashboard, index) => {
      const kept = (found[index] as { dashboard?: Dashboard } | null)?.dashboard;
      return kept === undefined || canonical(ownPart(kept)) !== canonical(ownPart(dashboard));
    });
  };
  return {
    name: "grafana-dashboards",
    plan: () => dashboards.map(({ uid, title }) => `dashboard ${uid}: ${title}`),
    isDone: async () => dashboards.length === 0 || (await stale()).length === 0,
    apply: async () => {
      const service = await client();
      if ((await service.find(`/api/folders/${folder.uid}`)) === null)
        await service.send("POST", "/api/folders", folder, [200]);
      for (const dashboard of await stale()) {
        const body = {
          dashboard: { ...ownPart(dashboard), id: null },
          folderUid: folder.uid,
          overwrite: true,
          message: "from the repository",
        };
        await service.send("POST", "/api/dashboards/db", body, [200]);
      }
    },
  };
}

function ownPart(dashboard: Dashboard): Record<string, unknown> {
  const { id: _id, version: _version, ...rest } = dashboard;
  return rest;
}
