import type { Container, Database, SqlParameter } from "@azure/cosmos";
import type { ViewRange, ViewStore } from "../../domain/get-views";
import type { BatchViewRow, ViewPointer, ViewRow } from "../../domain/view-rows";

/** Reads views from the containers `realtime-views`, `batch-views` and `view-pointers`. */
export function cosmosViewStore(database: Database): ViewStore {
  const realtime = database.container("realtime-views");
  const batch = database.container("batch-views");
  const pointers = database.container("view-pointers");
  return {
    async pointer(job, version) {
      const id = `${job}~${version}`;
      const { resource } = await pointers.item(id, id).read<ViewPointer>();
      return resource;
    },
    batchRows: (range, generation) =>
      rowsIn<BatchViewRow>(batch, range, "AND c.generation = @generation", [
        { name: "@generation", value: generation },
      ]),
    realtimeRows: (range) => rowsIn<ViewRow>(realtime, range),
  };
}

async function rowsIn<Row>(
  container: Container,
  range: ViewRange,
  condition = "",
  parameters: readonly SqlParameter[] = [],
): Promise<readonly Row[]> {
  const { resources } = await container.items
    .query<Row>(
      {
        query: `SELECT * FROM c WHERE c.grain = @grain AND c["window"] = @window AND c.windowEnd > @after AND c.windowEnd <= @upTo ${condition} ORDER BY c.windowEnd OFFSET 0 LIMIT ${range.maxRows}`,
        parameters: [
          { name: "@grain", value: range.grain },
          { name: "@window", value: range.window },
          { name: "@after", value: range.after },
          { name: "@upTo", value: range.upTo },
          ...parameters,
        ],
      },
      { partitionKey: range.partitionKey, maxItemCount: 1_000 },
    )
    .fetchAll();
  return resources;
}
