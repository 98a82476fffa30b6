import { type BootstrapError, ServiceClient } from "../../../infra/bootstrap";
import { type LocalService, type Reply, startService } from "./services";

const token = "eyJ-very-secret";
let service: LocalService | undefined;
afterEach(() => service?.close());

async function clientOf(replies: Reply[]) {
  const started = await startService(() => (replies.length > 1 ? replies.shift()! : replies[0]!));
  service = started;
  const waits: number[] = [];
  const client = new ServiceClient(`${started.address}/`, "scope", {
    tokens: async () => token,
    wait: async (milliseconds) => {
      waits.push(milliseconds);
    },
  });
  return { client, waits, service: started };
}

test("a throttled request is repeated after the time that the service asks for", async () => {
  const { client, waits } = await clientOf([
    { status: 429, headers: { "retry-after": "7" } },
    { status: 503 },
    { status: 200, body: { ok: true } },
  ]);
  expect((await client.get("/x")).body).toEqual({ ok: true });
  expect(waits).toEqual([7000, 4000]);
});

test("a service that throttles on gives up with its message", async () => {
  const { client, service: asked } = await clientOf([{ status: 429, body: { message: "too many" } }]);
  await expect(client.get("/x")).rejects.toMatchObject({ code: "BOOTSTRAP_REQUEST" });
  expect(asked.requests).toHaveLength(5);
});

test.each([
  [401, /az login/],
  [403, /data role/],
  [404, /stacks first/],
  [409, /run the step again/],
])("status %i says what to do and keeps token and query to itself", async (status, hint) => {
  const { client } = await clientOf([{ status, body: { error: { message: "the reason" } } }]);
  const failure = (await client
    .send("PUT", "/thing?sig=abc", { secret: 1 }, [200])
    .catch((error: unknown) => error)) as BootstrapError;
  expect(failure.message).toMatch(
    new RegExp(`^PUT http://.*/thing was answered with ${status}: the reason$`),
  );
  expect(failure.hint).toMatch(hint);
  expect(JSON.stringify({ ...failure, stack: failure.stack })).not.toMatch(/very-secret|sig=abc/);
});

test("a server that is not there is an error with a hint at private networking", async () => {
  const { client, service: gone } = await clientOf([{ status: 200 }]);
  await gone.close();
  service = undefined;
  await expect(client.get("/x")).rejects.toMatchObject({
    code: "BOOTSTRAP_UNREACHABLE",
    message: expect.stringMatching(/ECONNREFUSED/),
    hint: expect.stringMatching(/private networking/),
  });
});
