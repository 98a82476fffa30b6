export type {
  AlertState,
  BatchState,
  DeviceState,
  HopState,
  LateState,
  Notice,
  PageState,
  ProcessState,
  QuarantineState,
  WindowState,
} from "./page-state";
export { type Dashboard, type DashboardOptions, startDashboard } from "./server";
