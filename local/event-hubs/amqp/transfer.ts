/**
 * A transfer frame whose variable fields have fixed places, so that the log can hold messages as frames and delivery is
 * a copy and a few patches: handle and delivery-id as uint, the tag as four bytes, message-format 0, settled.
 */
export const transferHeaderBytes = 32;

/** Room that sendMessage leaves for a frame's header and performative. */
export const transferOverhead = 64;

const template: Buffer = Buffer.from([
  0, 0, 0, 0, 2, 0, 0, 0, 0x00, 0x53, 0x14, 0xc0, 19, 5, 0x70, 0, 0, 0, 0, 0x70, 0, 0, 0, 0, 0xa0, 4, 0, 0, 0,
  0, 0x43, 0x41,
]);

/** Writes the frame header of a message whose frame has `frameBytes` in all. */
export function writeTransferHeader(buffer: Buffer, at: number, frameBytes: number): void {
  buffer.set(template, at);
  buffer.writeUInt32BE(frameBytes, at);
}

export function patchTransfer(
  buffer: Buffer,
  at: number,
  channel: number,
  handle: number,
  deliveryId: number,
  settled: boolean,
): void {
  buffer.writeUInt16BE(channel, at + 6);
  buffer.writeUInt32BE(handle, at + 15);
  buffer.writeUInt32BE(deliveryId, at + 20);
  buffer.writeUInt32BE(deliveryId, at + 26);
  buffer[at + 31] = settled ? 0x41 : 0x42;
}
