import { type ViewRow, valuesOf } from "./view-rows";

/** A closed window that was written or written again, as subscribers of the hub `view-changes` get it. */
export interface ViewChange extends ViewRow {
  /** Id of the message: the row's id, and when that version of it was written. */
  readonly changeId: string;
}

/** A row as the change feed delivers it. */
export type ChangedRow = ViewRow & { readonly _ts?: number; readonly _etag?: string };

/** Who is told of changed views. */
export interface ViewChangeChannel {
  send(changes: readonly ViewChange[]): Promise<void>;
}

/** Passes changed rows on, without what the database adds to a document. */
export function fanOutViewChanges(
  channel: ViewChangeChannel,
): (rows: readonly ChangedRow[]) => Promise<number> {
  return async (rows) => {
    if (rows.length > 0) await channel.send(rows.map(changeOf));
    return rows.length;
  };
}

function changeOf(row: ChangedRow): ViewChange {
  const { id, partitionKey, job, version, grain, key, window, windowStart, windowEnd, asOf } = row;
  const written = row._etag?.replaceAll('"', "") ?? asOf ?? String(row._ts ?? "");
  return {
    changeId: `${partitionKey}~${id}~${written}`,
    id,
    partitionKey,
    job,
    version,
    grain,
    key,
    window,
    windowStart,
    windowEnd,
    ...(asOf !== undefined && { asOf }),
    ...valuesOf(row),
  };
}
