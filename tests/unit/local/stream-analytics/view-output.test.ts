import type { OperationInput } from "@azure/cosmos";
import { type ViewDocument, ViewOutput } from "../../../../local/stream-analytics";

function document(id: string, value = 0, partitionKey = "p"): ViewDocument {
  return { id, partitionKey, body: { partitionKey, value } };
}

interface Stored {
  readonly id: string;
  readonly partitionKey: string;
  readonly value: number;
}

/** A container whose answers the test chooses, call by call; the last choice holds for all further calls. */
function container(answers: readonly ("ok" | "throws" | number | ((id: string) => number))[]) {
  const rows = new Map<string, Stored>();
  const calls: string[][] = [];
  const bulk = async (operations: OperationInput[]) => {
    const answer = answers[Math.min(calls.length, answers.length - 1)]!;
    const documents = operations.map(
      (operation) => (operation as unknown as { resourceBody: Stored }).resourceBody,
    );
    calls.push(documents.map(({ id }) => id));
    await new Promise((resolve) => setImmediate(resolve));
    if (answer === "throws") throw new Error("connection reset");
    return documents.map((stored) => {
      const statusCode = answer === "ok" ? 200 : typeof answer === "number" ? answer : answer(stored.id);
      if (statusCode < 300) rows.set(`${stored.partitionKey}/${stored.id}`, stored);
      return { statusCode };
    });
  };
  return { rows, calls, items: { bulk } as never };
}

describe("ViewOutput", () => {
  const outputs: ViewOutput[] = [];
  const open = (target: ReturnType<typeof container>, retries: string[] = [], refusals: string[] = []) => {
    const output = new ViewOutput({
      container: target.items,
      onRetry: (error) => retries.push(error.message),
      onRefused: (error) => refusals.push(error.message),
      retryDelayMs: 0,
    });
    outputs.push(output);
    return output;
  };

  afterEach(() => Promise.all(outputs.splice(0).map((output) => output.stop())));

  it("is drained at once when it has nothing", async () => {
    await open(container(["ok"])).drained();
  });

  it("writes all of more documents than go into a call", async () => {
    const target = container(["ok"]);
    const output = open(target);
    for (let n = 0; n < 1234; n++) output.add(document(`d-${n}`, n));
    expect(output.backlog).toBe(1234);
    await output.drained();
    expect(target.rows.size).toBe(1234);
    expect([output.backlog, output.stored]).toEqual([0, 1234]);
    for (const call of target.calls) expect(call.length).toBeLessThanOrEqual(100);
  });

  it("repeats what was not stored, and only that", async () => {
    const target = container(["throws", (id) => (id === "b" ? 429 : 201), 503, "ok"]);
    const retries: string[] = [];
    const output = open(target, retries);
    for (const id of ["a", "b", "c"]) output.add(document(id));
    await output.drained();
    expect(target.calls).toEqual([["a", "b", "c"], ["a", "b", "c"], ["b"], ["b"]]);
    expect(retries).toEqual([
      "connection reset",
      "1 of 3 documents were not stored",
      "1 of 3 documents were not stored",
    ]);
  });

  it("lets the last of a document computed twice win, in its own partition", async () => {
    const target = container(["ok"]);
    const output = open(target);
    for (let n = 0; n < 300; n++) output.add(document("same", n));
    output.add(document("same", -1, "q"));
    await output.drained();
    expect(target.rows.get("p/same")!.value).toBe(299);
    expect(target.rows.get("q/same")!.value).toBe(-1);
  });

  it("tells those who wait as soon as what they waited for is stored", async () => {
    const target = container(["ok"]);
    const output = open(target);
    output.add(document("first"));
    const first = output.drained().then(() => output.stored);
    for (let n = 0; n < 2000; n++) output.add(document(`d-${n}`));
    expect(await first).toBeLessThan(2001);
    await output.drained();
    expect(output.stored).toBe(2001);
  });

  it.each([400, 413])("names a document that is refused with %i, and writes no more", async (code) => {
    const refusals: string[] = [];
    const target = container([(id) => (id === "bad" ? code : 200)]);
    const output = open(target, [], refusals);
    output.add(document("good"));
    output.add(document("bad"));
    await new Promise<void>((resolve) => {
      const look = () => (refusals.length > 0 ? resolve() : setImmediate(look));
      look();
    });
    expect(refusals).toEqual([`the container refuses the document "bad" with status ${code}`]);
    output.add(document("later"));
    await output.stop();
    expect(output.backlog).toBeGreaterThan(0);
    expect(target.calls.flat()).not.toContain("later");
  });

  it("stops while the container is away", async () => {
    const output = open(container(["throws"]));
    output.add(document("a"));
    await output.stop();
    expect(output.backlog).toBe(1);
  });
});
