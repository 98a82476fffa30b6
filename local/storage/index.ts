export {
  type StorageExit,
  type StorageOptions,
  type StorageServer,
  startStorage,
  storageConnectionString,
} from "./storage";
