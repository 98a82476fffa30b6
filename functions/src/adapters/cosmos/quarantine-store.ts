import type { Database, ErrorResponse, SqlParameter } from "@azure/cosmos";
import type { QuarantineReader } from "../../domain/list-quarantine";
import type { QuarantinedMessage, QuarantineSink } from "../../domain/quarantine";
import type { QuarantineStore } from "../../domain/replay";
import { createMissing } from "./bulk";

type QuarantineDocument = QuarantinedMessage & { readonly _etag: string };

/** Keeps refused messages in the container `quarantine`. */
export function cosmosQuarantineStore(
  database: Database,
): QuarantineSink & QuarantineStore & QuarantineReader {
  const container = database.container("quarantine");
  return {
    keep: (messages) =>
      createMissing(
        container,
        messages.map((message) => ({ id: message.id, partitionKey: message.source, body: message })),
      ),

    async find(source, id) {
      const { resource } = await container.item(id, source).read<QuarantineDocument>();
      return resource === undefined ? undefined : { message: resource, etag: resource._etag };
    },

    async mark({ message, etag }, replay) {
      try {
        const { resource } = await container
          .item(message.id, message.source)
          .replace<QuarantinedMessage>(
            { ...message, replay },
            { accessCondition: { type: "IfMatch", condition: etag } },
          );
        return resource && { message: resource, etag: resource._etag };
      } catch (error) {
        if ((error as ErrorResponse).code === 412) return undefined;
        throw error;
      }
    },

    async page({ source, reason, replayed, pageSize, continuation }) {
      const conditions: string[] = ["c.source = @source"];
      const parameters: SqlParameter[] = [{ name: "@source", value: source }];
      if (reason !== undefined) {
        conditions.push("c.reason = @reason");
        parameters.push({ name: "@reason", value: reason });
      }
      if (replayed !== undefined) conditions.push(`${replayed ? "" : "NOT "}IS_DEFINED(c.replay)`);
      const { resources, continuationToken } = await container.items
        .query<QuarantineDocument>(
          {
            query: `SELECT * FROM c WHERE ${conditions.join(" AND ")} ORDER BY c.enqueuedTime DESC`,
            parameters,
          },
          {
            partitionKey: source,
            maxItemCount: pageSize,
            ...(continuation !== undefined && { continuationToken: continuation }),
          },
        )
        .fetchNext();
      return {
        items: (resources ?? []).map(withoutSystemFields),
        continuation: continuationToken ?? null,
      };
    },
  };
}

function withoutSystemFields(document: QuarantineDocument): QuarantinedMessage {
  const entries = Object.entries(document).filter(([name]) => !name.startsWith("_"));
  return Object.fromEntries(entries) as unknown as QuarantinedMessage;
}
