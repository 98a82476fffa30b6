import { BlobServiceClient } from "@azure/storage-blob";
import { type Schema, streams, Type } from "avsc";

/** A message as Capture would find it in a partition's log. */
export interface CapturedMessage {
  readonly sequence: number;
  readonly enqueuedMs: number;
  readonly messageId: string;
  readonly body: string;
}

const value: Schema[] = ["long", "double", "string", "bytes"];

const captureType = Type.forSchema(
  {
    type: "record",
    name: "EventData",
    namespace: "Microsoft.ServiceBus.Messaging",
    fields: [
      { name: "SequenceNumber", type: "long" },
      { name: "Offset", type: "string" },
      { name: "EnqueuedTimeUtc", type: "string" },
      { name: "SystemProperties", type: { type: "map", values: value } },
      { name: "Properties", type: { type: "map", values: [...value, "null"] } },
      { name: "Body", type: ["null", "bytes"] },
    ],
    // The package's types do not know maps of unions.
  } as unknown as Schema,
  { wrapUnions: true },
);

function encode(messages: readonly CapturedMessage[]): Promise<Buffer> {
  const encoder = new streams.BlockEncoder(captureType, { codec: "deflate" });
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    encoder.on("data", (chunk: Buffer) => chunks.push(chunk));
    encoder.on("end", () => resolve(Buffer.concat(chunks)));
    encoder.on("error", reject);
    for (const message of messages) {
      encoder.write({
        SequenceNumber: message.sequence,
        Offset: String(message.sequence * 64),
        EnqueuedTimeUtc: enqueuedText(message.enqueuedMs),
        SystemProperties: {
          "x-opt-enqueued-time": { long: message.enqueuedMs },
          "message-id": { string: message.messageId },
        },
        Properties: {},
        Body: { bytes: Buffer.from(message.body) },
      });
    }
    encoder.end();
  });
}

/** The service writes US dates in whole seconds here; the exact time is a system property. */
function enqueuedText(ms: number): string {
  const [date = "", time = ""] = new Date(ms).toISOString().split(/[T.]/);
  const [year, month, day] = date.split("-");
  const [hour, minute, second] = time.split(":").map(Number) as [number, number, number];
  const pad = (part: number) => String(part).padStart(2, "0");
  return `${Number(month)}/${Number(day)}/${year} ${hour % 12 || 12}:${pad(minute)}:${pad(second)} ${hour < 12 ? "AM" : "PM"}`;
}

/** Stores one interval of one partition of the hub telemetry as Capture names it. */
export async function storeCaptured(
  connectionString: string,
  partition: number,
  startMs: number,
  messages: readonly CapturedMessage[],
): Promise<void> {
  const [date = "", time = ""] = new Date(startMs).toISOString().split(/[T.]/);
  const name = `evhns/telemetry/${partition}/${date.replaceAll("-", "/")}/${time.replaceAll(":", "/")}.avro`;
  const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient("capture");
  const content = await encode(messages);
  await container.getBlockBlobClient(name).upload(content, content.length);
}
