import type { Container, OperationInput, OperationResponse } from "@azure/cosmos";

const maxOperations = 100;
const maxAttempts = 10;
const retryDelayMs = 100;
const transient: ReadonlySet<number> = new Set([408, 424, 429, 449, 503]);

/**
 * Runs independent operations in as few requests as possible, repeating those that the service asks to repeat. Uses `bulk`: its
 * successor `executeBulkOperations` holds every partly filled request back for a second.
 * @returns one response per operation, in order; a status from 400 on is the caller's to judge
 * @throws Error when operations are still throttled after the last attempt, or a request fails
 */
export async function runBulk(
  container: Container,
  operations: readonly OperationInput[],
): Promise<readonly OperationResponse[]> {
  const responses: (OperationResponse | undefined)[] = new Array(operations.length);
  let pending = operations.map((_, index) => index);
  for (let attempt = 1; pending.length > 0; attempt++) {
    for (let start = 0; start < pending.length; start += maxOperations) {
      const chunk = pending.slice(start, start + maxOperations);
      const answered = await container.items.bulk(
        chunk.map((index) => operations[index] as OperationInput),
        { continueOnError: true },
      );
      for (const [position, index] of chunk.entries()) responses[index] = answered[position];
    }
    pending = pending.filter((index) => isTransient(responses[index]));
    if (pending.length === 0) break;
    if (attempt === maxAttempts) {
      const status = responses[pending[0] as number]?.statusCode ?? "none";
      throw new Error(
        `Cosmos DB turned ${pending.length} operations away ${attempt} times (status ${status})`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, retryDelayMs * attempt));
  }
  return responses as OperationResponse[];
}

function isTransient(response: OperationResponse | undefined): boolean {
  return response === undefined || transient.has(response.statusCode);
}

/** Creates documents; one that exists already is left as it is. @throws Error when the service refuses one. */
export async function createMissing(
  container: Container,
  documents: readonly { readonly id: string; readonly partitionKey: string; readonly body: object }[],
): Promise<void> {
  const responses = await runBulk(
    container,
    documents.map(({ partitionKey, body }) => ({
      operationType: "Create",
      partitionKey,
      resourceBody: body as Record<string, never>,
    })),
  );
  for (const [index, { statusCode }] of responses.entries()) {
    if (statusCode >= 400 && statusCode !== 409) {
      throw new Error(`Cosmos DB refused document "${documents[index]?.id}" with status ${statusCode}`);
    }
  }
}
