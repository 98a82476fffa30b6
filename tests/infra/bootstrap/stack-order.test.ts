import { deployOrder, destroyOrder, type OrderedStack, sortStacks } from "../../../infra/bootstrap";
import { type StageName, stageNames } from "../../../infra/config/stages";

const orders = new Map<StageName, OrderedStack[]>();
const orderOf = (stage: StageName): OrderedStack[] => {
  const order = orders.get(stage) ?? deployOrder(stage);
  orders.set(stage, order);
  return order;
};

const stack = (name: string, ...dependsOn: string[]): OrderedStack => ({ name, dependsOn, guarded: [] });

test("a stack stands behind those it reads, and otherwise where it was", () => {
  const order = sortStacks([stack("c", "b"), stack("a"), stack("b", "a"), stack("d")]);
  expect(order.map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
});

test("stacks that wait for one another are an error", () => {
  expect(() => sortStacks([stack("a", "b"), stack("b", "a")])).toThrow(/INFRA_STACK_CIRCLE: a, b/);
});

test.each(stageNames)("%s is deployed readers last and destroyed readers first", (stage) => {
  const deploy = orderOf(stage);
  const place = new Map(deploy.map(({ name }, index) => [name, index]));
  for (const { name, dependsOn } of deploy) {
    for (const other of dependsOn) expect(place.get(other)).toBeLessThan(place.get(name)!);
  }
  expect(deploy[0]?.name).toBe(`${stage}-bootstrap`);
  // The order of destruction is checked against the dependencies, not against the order of deployment.
  const standing = new Set(deploy.map(({ name }) => name));
  for (const { name } of destroyOrder(stage, deploy)) {
    standing.delete(name);
    const readers = deploy.filter((other) => standing.has(other.name) && other.dependsOn.includes(name));
    expect({ name, readers: readers.map((reader) => reader.name) }).toEqual({ name, readers: [] });
  }
  expect([...standing]).toEqual([`${stage}-bootstrap`]);
});

test("production keeps what holds data, other stages only their state", () => {
  const kept = (stage: "dev" | "prod") =>
    new Map(orderOf(stage).map(({ name, guarded }) => [name, guarded.length]));
  expect(kept("prod").get("prod-lake")).toBeGreaterThan(0);
  expect(kept("prod").get("prod-serving")).toBeGreaterThan(0);
  expect(kept("dev").get("dev-lake")).toBe(0);
  expect(kept("dev").get("dev-bootstrap")).toBeGreaterThan(0);
});
