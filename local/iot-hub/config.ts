/** Configuration of the IoT Hub process. */
export interface IotHubConfig {
  /** The hub's own folder inside the data folder: certificate, device registry, twins, waiting messages. */
  readonly folder: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Internal port and token of the Event Hubs process. */
  readonly eventHubs: { readonly port: number; readonly token: string };
  /** Base64 key from which devices without a key of their own get theirs. */
  readonly groupKey: string;
  /** Base64 key of the policy `iothubowner`. */
  readonly serviceKey: string;
  /** Devices to register when they are unknown. */
  readonly devices: readonly (string | { readonly deviceId: string; readonly key: string })[];
}
